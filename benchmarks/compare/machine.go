package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/ductile-go/ductile/benchmarks"
)

// A Machine is where and with what was measured.
type Machine struct {
	Processor string   `json:"processor"`
	Cores     int      `json:"cores"`
	Go        string   `json:"go"`
	System    string   `json:"system"`
	Modules   []string `json:"modules"`
	Caveats   []string `json:"caveats"`
}

// machine returns this one.
func machine() Machine {
	m := Machine{Processor: cpu(), Cores: runtime.GOMAXPROCS(0), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if slices.Contains(benchmarks.Peers, module.Path) {
				m.Modules = append(m.Modules, module.Path+"@"+module.Version)
			}
		}
	}
	if m.Cores <= 2 {
		m.Caveats = append(m.Caveats,
			fmt.Sprintf("%d cores prove no scaling: what is measured on all of them shows how much a few callers hinder each other.", m.Cores))
	}
	m.Caveats = append(m.Caveats, "Quote the ratios, not the times: machines differ.",
		"The ratio to a peer that allocates depends on the heap and on how many goroutines run: the less there is on the heap, the more often it is "+
			"collected, at the cost of who allocates. That is why crowds are measured, too.",
		"Beside peers that have no gate ours is measured once more, after all gates; the ratios are of that, and the time shown is the first.",
		"go-zero reads the load of the machine four times a second from the moment it is imported, and hystrix-go counts in the background: that is in all rows.")
	return m
}

// header says where, with what and how was measured.
func (r *Report) header(w io.Writer) {
	m := r.Machine
	wrap(w, fmt.Sprintf("%s, %d cores, %s %s; median of %d runs, all sides by turns, of %v each.", m.Processor, m.Cores, m.Go, m.System, r.Settings.Runs,
		time.Duration(r.Settings.PathSeconds*float64(time.Second))))
	wrap(w, strings.Join(m.Modules, ", "))
	if r.Settings.Runs < 10 {
		wrap(w, "Fewer than 10 runs: a look, not a measurement.")
	}
	for _, caveat := range m.Caveats {
		wrap(w, caveat)
	}
	fmt.Fprintln(w)
}

// cpu returns the processor's name where the system says it.
func cpu() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // elsewhere there is none
	if found := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(text); found != nil {
		return string(found[1])
	}
	return "unknown processor"
}
