package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

// What is printed fits a terminal, whatever its experiment says, and says all of it.
func TestReportsFitATerminal(t *testing.T) {
	for _, e := range experiments {
		var out strings.Builder
		tell(&out, e, &Findings{Took: time.Second})
		for line := range strings.Lines(out.String()) {
			assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), width, line)
		}
		said := strings.Join(strings.Fields(out.String()), " ")
		for _, setting := range e.Setup {
			assert.Contains(t, said, strings.Join(strings.Fields(setting), " "), e.Name)
		}
	}
}

func TestResultsAreBelowEachOther(t *testing.T) {
	f := new(Findings)
	f.near("ductile", "calls", Estimate{Mean: 99, N: 20}, 100, "simulator", 0.05)
	f.near("ductile", "layers", Estimate{Mean: 243, N: 20}, 243, "published", 0)
	f.between("ductile", "a name that leaves no room", Estimate{Mean: 3, N: 20}, 1, 2, "what a much longer reason says about these bounds")
	f.compares("a peer", "calls", Estimate{Mean: 101, N: 20}, "100", "simulator")
	f.reports("a peer", "layers", Estimate{Mean: 7, N: 20})
	f.lacks("another", "calls")
	f.orders("a < b", true)
	var out strings.Builder
	tell(&out, Experiment{Name: "x", Title: "y", Source: "z", Setup: []string{"a line", "  and the rest of it", "another"}}, f)
	assert.Equal(t, `
x: y
  source: z
  a line and the rest of it
  another
  seeds 0 to 0, 0s

        what                        measured (95 %)  seeds  reference
  ductile
  pass  calls                       99               20     100 ± 5 %, simulator
  pass  layers                      243              20     243 exactly, published
  FAIL  a name that leaves no room  3                20
          1 to 2, what a much longer reason says about these bounds
  a peer
        calls                       101              20     100, simulator
        layers                      7                20     not judged
  another
        calls                       none             –
  pass  a < b

`, out.String())
}

func TestResultsOfTheSameAreBelowEachOther(t *testing.T) {
	f := new(Findings)
	for _, what := range []string{"calls", "layers"} {
		for _, who := range []string{"ductile", "a peer"} {
			f.reports(who, what, Estimate{Mean: 7, N: 20})
		}
	}
	f.reports("ductile", "more", Estimate{Mean: 7, N: 20})
	var out strings.Builder
	results(&out, f.Results)
	assert.Equal(t, `    who      measured (95 %)  seeds  reference
  calls
    ductile  7                20     not judged
    a peer   7                20     not judged
  layers
    ductile  7                20     not judged
    a peer   7                20     not judged
  more
    ductile  7                20     not judged
`, out.String())
}
