package hedge_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
)

// What the end of a copy means for its call.
func TestObserve(t *testing.T) {
	type options []hedge.Option
	overload, rejected := fault.Overload(errDown, time.Second), fault.End(errDown, fault.ClassRejected)
	says := func(class fault.Class) options {
		return options{hedge.Classify(func(error) fault.Class { return class })}
	}
	for _, row := range []struct {
		name       string
		options    options
		err        error
		wins, next bool
	}{
		{"a success", nil, nil, true, false},
		{"an answer that says no", nil, fault.Permanent(errDown), true, false},
		{"one to ignore", nil, fault.Ignore(errDown), true, false},

		{"a failure", nil, errDown, false, true},
		{"a timeout", nil, context.DeadlineExceeded, false, true},
		{"an overload", nil, overload, false, false},
		{"a refusal inside", nil, rejected, false, false},

		{"the caller has gone", nil, fault.End(errDown, fault.ClassCanceled), true, false},
		{"a cancellation that nobody looked into", nil, context.Canceled, true, false},
		{"a panic", nil, fault.ErrAborted, true, false},
		{"a Goexit", nil, fault.ErrExited, true, false},
		{"overtaken", nil, fault.Superseded(false), false, false},
		{"overtaken, and slow", nil, fault.Superseded(true), false, false},

		{"a final failure", nil, fault.Final(errDown), false, false},
		{"a final timeout, wrapped", nil, fmt.Errorf("get: %w", fault.Final(context.DeadlineExceeded)), false, false},
		{"a final failure that the driver has marked", nil, fault.End(fault.Final(errDown), fault.ClassTimeout), false, false},
		{"a final answer is an answer", nil, fault.Final(fault.Permanent(errDown)), true, false},
		{"the dependency says when", nil, pushed{time.Millisecond}, false, false},
		{"at once", nil, pushed{0}, false, false},
		{"never", nil, fmt.Errorf("get: %w", pushed{-1}), false, false},
		{"as late as can be", nil, pushed{math.MaxInt64}, false, false},
		{"never ever", nil, pushed{math.MinInt64}, false, false},
		{"with an answer", nil, fault.Permanent(pushed{-1}), true, false},
		{"On has no say in that", options{hedge.On(fault.ClassTransient)}, pushed{0}, false, false},
		{"nor in what is final", options{hedge.On(fault.ClassOverload)}, fault.Final(overload), false, false},
		{"nor has Classify", says(fault.ClassTransient), fault.Final(errDown), false, false},
		{"in either", says(fault.ClassTransient), pushed{0}, false, false},

		{"On says overload", options{hedge.On(fault.ClassOverload)}, overload, false, true},
		{"and no longer transient", options{hedge.On(fault.ClassOverload)}, errDown, false, false},
		{"On says rejected", options{hedge.On(fault.ClassTransient, fault.ClassRejected)}, rejected, false, true},
		{"and transient, too", options{hedge.On(fault.ClassTransient, fault.ClassRejected)}, errDown, false, true},

		{"Classify says that it is an answer", says(fault.ClassPermanent), errDown, true, false},
		{"Classify says that it is none", says(fault.ClassTransient), fault.Permanent(errDown), false, true},
		{"Classify says what is no class", says(fault.Class(200)), errDown, false, false},
		{"Classify is not asked about who has gone", says(fault.ClassTransient), fault.End(errDown, fault.ClassCanceled), true, false},
		{"nor about a panic", says(fault.ClassTransient), fault.ErrAborted, true, false},
		{"nor about who was overtaken", says(fault.ClassPermanent), fault.Superseded(true), false, false},
		{"nor about a success", says(fault.ClassTransient), nil, true, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			wins, next := hedge.New(row.options...).Observe(time.Millisecond, row.err)
			assert.Equal(t, row.wins, wins, "wins")
			assert.Equal(t, row.next, next, "next")
		})
	}
}

// pushed is an error with which the dependency decides about a repeat.
type pushed struct{ wait time.Duration }

func (p pushed) Error() string                   { return fmt.Sprintf("pushed back for %v", p.wait) }
func (p pushed) Pushback() (time.Duration, bool) { return p.wait, true }

// Which ends count, and as what. The hedge has seen 100 answers of 10 ms, and takes for slow what takes longer.
func TestWhatCounts(t *testing.T) {
	const short, long = 5 * time.Millisecond, time.Second
	canceled, rejected := fault.End(errDown, fault.ClassCanceled), fault.End(errDown, fault.ClassRejected)
	for _, row := range []struct {
		name        string
		err         error
		short, long bool // is it counted, if it took that long
	}{
		{"a success", nil, true, true},
		{"an answer that says no", fault.Permanent(errDown), true, true},
		{"one to ignore", fault.Ignore(errDown), true, true},
		{"a failure", errDown, false, true},
		{"a timeout", context.DeadlineExceeded, false, true},
		{"an overload", fault.Overload(errDown, 0), false, true},
		{"a refusal inside", rejected, false, true},
		{"a final failure", fault.Final(errDown), false, true},
		{"a failure with a pushback", pushed{-1}, false, true},
		{"a caller who has gone", canceled, false, true},
		{"a panic", fault.ErrAborted, false, true},
		{"a Goexit", fault.ErrExited, false, true},
		{"one that was overtaken soon", fault.Superseded(false), false, true},
		{"one that was overtaken late", fault.Superseded(true), false, true},
	} {
		in(t, row.name, func(t *testing.T) {
			p := hedge.New()
			answers(p, 100, 10*time.Millisecond)
			look(p)
			for _, end := range []struct {
				took  time.Duration
				count bool
			}{{short, row.short}, {long, row.long}} {
				before := p.Snapshot().Samples
				p.Observe(end.took, row.err)
				assert.Equal(t, end.count, p.Snapshot().Samples == before+1, end.took)
				assert.Equal(t, !end.count, p.Snapshot().Samples == before, end.took)
			}
		})
	}
}

// The bar for what has no answer is what is slow, and where the delay is kept below that, the delay: a copy is overtaken from there on. What
// ends in the same bucket counts, for it is told apart from the delay in nothing.
func TestTheBar(t *testing.T) {
	for _, row := range []struct {
		name    string
		options []hedge.Option
		bar     time.Duration // which is 10 ms where it is what is slow
	}{
		{"what is slow", nil, 10 * time.Millisecond},
		{"a longer delay", []hedge.Option{hedge.MinDelay(time.Second)}, 10 * time.Millisecond},
		{"a shorter delay", []hedge.Option{hedge.MaxDelay(2 * time.Millisecond)}, 2 * time.Millisecond},
		{"a fixed delay that is longer", []hedge.Option{hedge.After(time.Second)}, 10 * time.Millisecond},
		{"a fixed delay that is shorter", []hedge.Option{hedge.After(2 * time.Millisecond)}, 2 * time.Millisecond},
		{"no delay", []hedge.Option{hedge.After(0)}, 0},
	} {
		in(t, row.name, func(t *testing.T) {
			p := hedge.New(row.options...)
			answers(p, 100, 10*time.Millisecond)
			look(p)
			before := p.Snapshot().Samples
			p.Observe(row.bar-row.bar/8-1, fault.Superseded(false))
			if row.bar > 0 {
				assert.Equal(t, before, p.Snapshot().Samples, "below")
			}
			before = p.Snapshot().Samples
			p.Observe(row.bar, fault.Superseded(true))
			assert.Equal(t, before+1, p.Snapshot().Samples, "at the bar")
			p.Observe(row.bar+time.Hour, fault.Superseded(true))
			assert.Equal(t, before+2, p.Snapshot().Samples, "far above")
		})
	}
}

// While it is not known what is slow, nothing can be said of a copy without an answer, however long it took; with a fixed delay it can.
func TestNothingIsSlowYet(t *testing.T) {
	for _, err := range []error{errDown, context.DeadlineExceeded, fault.Superseded(true)} {
		in(t, fmt.Sprint(err), func(t *testing.T) {
			observing, fixed := hedge.New(), hedge.New(hedge.After(time.Minute))
			for _, p := range []*hedge.Policy{observing, fixed} {
				p.Observe(time.Minute-time.Minute/8, err)
				assert.Zero(t, p.Snapshot().Samples)
				p.Observe(time.Hour, err)
			}
			assert.EqualValues(t, 0, observing.Snapshot().Samples)
			assert.EqualValues(t, 1, fixed.Snapshot().Samples)
		})
	}
}
