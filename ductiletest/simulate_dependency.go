package ductiletest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// A Dependency is what a pipeline protects its callers from. The zero Dependency answers everything at once.
type Dependency struct {
	Latency  Latency  // how long it works on what reaches it; no time unless set
	Failures Failures // what fails; nothing unless set

	// Capacity is how much it works on at once; what comes above that waits in a queue, first come, first served. So latency grows
	// with the load, without end where the load is above Capacity / mean Latency. Zero is no limit.
	Capacity int

	// Queue is how much may wait, for a Capacity; what comes above that fails at once, as overload. Zero is no limit.
	Queue int

	// WorksOn makes it work on for callers who are gone, as a server does that hears nothing of its callers' deadlines: what has begun to
	// wait is worked on. Unless set, it drops at once what is canceled.
	WorksOn bool

	Outages []Outage // in the order of time, one after another
}

// String says what the dependency is, in a line.
func (d Dependency) String() string {
	is := []string{fmt.Sprintf("latency %v", d.Latency), d.Failures.String()}
	switch {
	case d.Queue > 0:
		is = append(is, fmt.Sprintf("%d at once and %d in a queue", d.Capacity, d.Queue))
	case d.Capacity > 0:
		is = append(is, fmt.Sprintf("%d at once", d.Capacity))
	}
	if d.WorksOn {
		is = append(is, "works on for callers who are gone")
	}
	for _, o := range d.Outages {
		is = append(is, o.String())
	}
	return strings.Join(is, "; ")
}

// sense refuses what makes none.
func (d Dependency) sense(end time.Duration) error {
	problems := []error{
		d.Latency.err, d.Failures.err,
		refuse.AtLeast("ductiletest", "Dependency.Capacity", d.Capacity, 0),
		refuse.AtLeast("ductiletest", "Dependency.Queue", d.Queue, 0),
	}
	if d.Queue > 0 && d.Capacity == 0 {
		problems = append(problems, refuse.Value("ductiletest", "Dependency.Queue", d.Queue, "left out where there is no Capacity: nothing waits"))
	}
	before := time.Duration(0)
	for i, o := range d.Outages {
		problems = append(problems, o.sense(fmt.Sprintf("Dependency.Outages[%d]", i), before, end))
		before = max(before, o.To)
	}
	return errors.Join(problems...)
}
