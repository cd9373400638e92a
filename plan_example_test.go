package ductile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// What a call through the pipeline of the README comes to at worst. Left alone, three attempts with the longest waits that a dependency may
// ask for would take more than a minute; the outer timeout cuts that to two seconds.
func ExamplePipeline_Plan() {
	p := ductile.New("inventory",
		fallback.Value(Stock{}),
		timeout.New(2*time.Second),
		retry.New(),
		breaker.New(breaker.Name("inventory")),
		bulkhead.New(64),
		timeout.New(300*time.Millisecond),
	)
	fmt.Println(p.Plan())
	// Output:
	// plan of pipeline "inventory": a call at worst, if the function heeds its context
	//                  attempts    at once    latency
	//   fallback              3          1         2s  answers at once
	//   timeout               3          1         2s  cuts 1m1.2s to 2s
	//   retry                 3          1     1m1.2s  3 attempts, and waits of up to 300ms in all, 1m0.3s where the dependency asks for it
	//   inventory             1          1      300ms  adds no time
	//   bulkhead              1          1      300ms  adds no time; lets in 64 at once
	//   timeout               1          1      300ms  ends what takes longer
	//   the function          1          1  unbounded  takes all the time that it is given
	// in all: 3 attempts, 1 at once, ended within 2s
	// load in the long run, if all calls fail: 1.2 attempts for each call, and 1 a second besides
}

// The page shows the plan of the README's pipeline.
func TestThePageShowsThePlan(t *testing.T) {
	page := string(readFile(t, "docs/tuning.md"))
	example := string(readFile(t, "plan_example_test.go"))
	_, example, _ = strings.Cut(example, "// Output:\n")
	example, _, _ = strings.Cut(example, "}\n")
	var plan strings.Builder
	for line := range strings.Lines(example) {
		plan.WriteString(strings.TrimPrefix(line, "\t// "))
	}
	if !strings.Contains(page, "```text\n"+plan.String()+"```") {
		t.Errorf("docs/tuning.md does not show:\n%s", plan.String())
	}
}

// A pipeline that looks careful, and what is wrong with it.
func ExamplePlan_warnings() {
	p := ductile.New("orders",
		bulkhead.New(64),
		timeout.New(time.Second, timeout.Name("total")),
		retry.New(retry.Attempts(5), retry.Budget(budget.Unlimited())),
		timeout.New(2*time.Second, timeout.Name("each")),
	)
	plan := p.Plan()
	fmt.Printf("%d attempts in %v, %v for each call in the long run\n", plan.Attempts, plan.Latency, plan.Load)
	for _, w := range plan.Warnings {
		fmt.Printf("%s\n  %s\n  %s\n", w.Code, w.Text, w.Remedy)
	}
	// Output:
	// 5 attempts in 1s, 5 for each call in the long run
	// permit-held-in-backoff
	//   A call holds its permit of "bulkhead" while "retry" inside of it waits and uses nothing.
	//   Put it inside the retry, where each attempt takes a permit of its own.
	// retry-without-budget
	//   "retry" may make 5 attempts of every call while the dependency is down.
	//   Leave the option Budget out, or give it a budget that several pipelines share.
	// backoff-beyond-deadline
	//   The waits of "retry" come to 1.5s, and the timeout around it allows 1s for all.
	//   Make fewer attempts or shorter waits, or allow more time.
	// timeout-not-below
	//   "each" (2s) never passes before "total" around it (1s).
	//   Make the inner timeout shorter, or leave it out.
}
