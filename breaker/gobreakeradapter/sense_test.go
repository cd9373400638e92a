package gobreakeradapter_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
	"github.com/ductile-go/ductile/fault"
)

// gobreaker is told the same of each class as the breaker of package breaker makes of it.
func TestSense(t *testing.T) {
	type verdict struct{ excluded, successful bool }
	failure, success, nothing := verdict{}, verdict{successful: true}, verdict{excluded: true}
	of := map[fault.Class]verdict{
		fault.ClassSuccess: success, fault.ClassPermanent: success,
		fault.ClassTransient: failure, fault.ClassTimeout: failure, fault.ClassOverload: failure, fault.ClassAborted: failure,
		fault.ClassIgnored: nothing, fault.ClassRejected: nothing, fault.ClassCanceled: nothing, fault.ClassExited: nothing,
		fault.ClassSuperseded: nothing,
	}
	for class := fault.ClassSuccess; class.Valid(); class++ {
		var err error
		if class != fault.ClassSuccess {
			err = fault.End(errOther, class)
		}
		want, ok := of[class]
		assert.True(t, ok, "%v has no row", class)
		assert.Equal(t, want, verdict{gobreakeradapter.Excluded(err), gobreakeradapter.Successful(err)}, "%v", class)

		b := breaker.New(breaker.MinCalls(1), breaker.FailureRate(1))
		token, _ := b.Acquire(always)
		b.Release(token, err)
		assert.Equal(t, want == failure, b.State() == breaker.Open, "%v", class)
		assert.Equal(t, want == success, b.Snapshot().Counts.Calls == 1, "%v", class)
	}
	assert.True(t, gobreakeradapter.Excluded(fault.End(errOther, 200)), "a class of a later version")
	assert.True(t, gobreakeradapter.Excluded(fmt.Errorf("get: %w", context.Canceled)))
	assert.True(t, gobreakeradapter.Excluded(fault.Superseded(true)), "gobreaker has no slow calls")
}
