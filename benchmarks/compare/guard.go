package main

import (
	"fmt"
	"io"
	"runtime"
	"strconv"
	"time"

	"github.com/ductile-go/ductile/benchmarks"
)

// How the guard tells a regression from a busy machine: the median of so many runs must be above its gate by a half, five times in a row, each time
// measured for longer. So must what allocates more than it may.
const (
	guardRuns  = 11
	guardTime  = 20 * time.Millisecond
	guardSlack = 1.5
	guardTries = 5
)

// guard measures every path that has a gate and needs no network, beside the peer of the gate alone, and returns how many are missed by far.
func guard(o options, out io.Writer, p *progress) (far int, err error) {
	var todo []task
	for _, path := range benchmarks.Paths {
		if path.Gate > 0 && !path.Network && o.only.MatchString(path.Name) {
			path.Others = nil
			todo = append(todo, task{path, runtime.GOMAXPROCS(0)})
		}
	}
	if len(todo) == 0 {
		return 0, fmt.Errorf("%w: no path with a gate has a name that matches %q", errNothing, o.only)
	}
	p.expect(len(todo)) // and more, where one is measured again
	t := &table{head: []string{"path", "ratio", "min … max", "gate", "fails above", "allocs", "tries", "verdict"}}
	for _, next := range todo {
		tries := 0
		r, far1, err := persistent(func() (Result, error) {
			tries++
			return meter{guardRuns, p}.sample(next, time.Duration(tries)*guardTime)
		})
		if err != nil {
			return far, err
		}
		verdict := "ok"
		if far1 {
			far++
			verdict = missed
		}
		ratio := r.Peers[0].Ratio
		t.add(r.Path, digits(ratio.Median), digits(ratio.Min)+" … "+digits(ratio.Max), digits(r.Gate), digits(r.Gate*guardSlack),
			fmt.Sprintf("%d of %d", r.Ours.Allocs, r.MayAllocate), strconv.Itoa(tries), verdict)
	}
	p.end()
	t.print(out)
	return far, nil
}

// persistent measures again and again what is missed by far, and returns the last result, and whether it is still.
func persistent(sample func() (Result, error)) (r Result, far bool, err error) {
	for range guardTries {
		if r, err = sample(); err != nil {
			return r, false, err
		}
		if far = r.Ours.Allocs > r.MayAllocate || r.Peers[0].Ratio.Median > guardSlack*r.Gate; !far {
			break
		}
	}
	return r, far, nil
}
