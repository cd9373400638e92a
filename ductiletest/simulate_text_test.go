package ductiletest_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
)

// The text, word for word: for one seed there is one.
func TestSimulationText(t *testing.T) {
	result := ductiletest.Simulate(t, ductiletest.Simulation{
		Pipeline: func() ductile.Composed {
			return standard.Client("inventory", standard.Fallback(fallback.Value(42)), standard.Retry(retry.Attempts(2)))
		},
		Call: ductiletest.Answering[int],
		Dependency: ductiletest.Dependency{
			Latency:  ductiletest.Lognormal(20*ms, 200*ms),
			Failures: ductiletest.Failing(0.01),
			Capacity: 30,
			Outages:  []ductiletest.Outage{{From: 2 * minute, To: 3 * minute}, {From: 6 * minute, To: 7 * minute, Fails: 0.2, Slower: 2}},
		},
		Load:  ductiletest.Load{Rate: 40, For: 10 * minute, Changes: []ductiletest.Change{{At: 8 * minute, Rate: 80}}},
		Seed:  1,
		Every: minute,
	})
	const want = `
pipeline "inventory"
  fallback            answers with int, on transient, timeout, overload, rejected
  total timeout       30s
  retry               2 attempts, full jitter under 100ms growing 2-fold to 5s, on transient, timeout, overload
  inventory breaker   opens at 50 % failures of >= 20 calls in 10s, or with fewer at 5 in a row; for 5s, then 5 probes
  inventory bulkhead  at most 256 at once
  attempt timeout     9s
load        40 calls a second for 10m, by chance; 80 a second from 8m; seed 1
dependency  latency lognormal, median 20ms, p99 200ms; 1 % fails; 30 at once; dead from 2m to 3m; 20 % fails and all is 2 times as slow from 6m to 7m

    from    calls  answered             degraded  failed   lost  refused per call  peak/s     p50     p99
      0s     2389  ██████████ 100.00 %         0       0      0        0     1.01      54  20.1ms   209ms
      1m     2421  ██████████ 100.00 %         0       0      0        0     1.01      58  19.8ms   192ms
      2m     2419  ▒▒▒▒▒▒▒▒▒▒   0.00 %      2419       0      0     2265     0.10      92       -       -
      3m     2346  █████████▒  99.32 %        16       0      0       16     1.00      52  20.1ms   177ms
      4m     2361  ██████████ 100.00 %         0       0      0        0     1.01      53  19.5ms   177ms
      5m     2407  █████████▒  99.96 %         1       0      0        0     1.01      56  20.3ms   202ms
      6m     2409  █████████▒  95.89 %        99       0      0        0     1.20      65  48.5ms   447ms
      7m     2436  █████████▒  99.96 %         1       0      0        0     1.01      67  20.8ms   202ms
      8m     4840  ██████████ 100.00 %         0       0      0        0     1.01      97  20.1ms   209ms
      9m     4779  ██████████ 100.00 %         0       0      0        0     1.01     100  20.6ms   217ms
     all    28807  █████████▒  91.20 %      2536       0      0     2281     0.95     100  21.6ms   244ms

dead from 2m to 3m: 95 % answered again at once
20 % fails and all is 2 times as slow from 6m to 7m: 95 % answered again at once

fallback: answered 2536
inventory breaker: refused 2281
retry: repeated 827, gave up 263

  2m3.7s  inventory breaker: closed → open: too large a share of calls failed
  2m8.7s  inventory breaker: open → half-open: time to probe
  2m8.7s  inventory breaker: half-open → open: too many probes failed
 2m18.1s  inventory breaker: open → half-open: time to probe
 2m18.2s  inventory breaker: half-open → open: too many probes failed
   2m29s  inventory breaker: open → half-open: time to probe
   2m29s  inventory breaker: half-open → open: too many probes failed
 2m39.3s  inventory breaker: open → half-open: time to probe
 2m39.4s  inventory breaker: half-open → open: too many probes failed
 2m49.8s  inventory breaker: open → half-open: time to probe
 2m49.8s  inventory breaker: half-open → open: too many probes failed
  3m0.4s  inventory breaker: open → half-open: time to probe
  3m0.5s  inventory breaker: half-open → closed: the probes succeeded
`
	if runtime.GOARCH != "amd64" {
		t.Skip("another architecture may round a law to another nanosecond")
	}
	assert.Equal(t, strings.TrimSpace(want), result.String())
}

// What is nothing, and what is much.
func TestSimulationTextAtItsEnds(t *testing.T) {
	result := ductiletest.Simulate(t, ductiletest.Simulation{
		Pipeline: bare,
		Dependency: ductiletest.Dependency{
			Capacity: 2, Queue: 3, WorksOn: true, Latency: ductiletest.Constant(ms),
			Outages: []ductiletest.Outage{{From: 0, To: 20 * second, Hangs: true}},
		},
		Load: ductiletest.Load{
			Rate: 0, For: 10 * second, Even: true, Deadline: second, Patience: 2 * second,
			Changes: []ductiletest.Change{{At: 5 * second, Rate: 1}},
		},
	})
	text := result.String()
	for _, part := range []string{
		"load        0 calls a second for 10s, evenly; 1 a second from 5s; deadline 1s; patience 2s; seed 0\n",
		"dependency  latency 1ms; nothing fails; 2 at once and 3 in a queue; works on for callers who are gone; hangs from 0s to 20s\n",
		"      0s        0  ··········        -         0       0      0        0     0.00       0       -       -\n",
		"hangs from 0s to 20s: 95 % answered again NOT before the next outage or the end of the load",
		`pipeline "bare": no policies`,
	} {
		assert.Contains(t, text, part)
	}
	assert.False(t, strings.HasSuffix(text, "\n"))
	assert.Equal(t, result.Offered, result.Failed)
	assert.Equal(t, 4, result.Offered)
}
