package keyed_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/keyed"
)

// Every member is looked at in its turn: where one of two may leave, it does.
func TestWhicheverMayLeaveDoes(t *testing.T) {
	for open := range 2 {
		s := keyed.New(guarded, keyed.Max(2))
		for i := range 2 {
			if p := s.Get(strconv.Itoa(i)); i == open {
				fail(p)
			}
		}
		s.Get("another")
		assert.Zero(t, s.Snapshot().Crowded, "%d is open", open)
	}
}

// Of those that are looked at, the one leaves that was used the longest ago.
func TestTheLeastUsedLeaves(t *testing.T) {
	for oldest := range 5 {
		synctest.Test(t, func(t *testing.T) {
			s := keyed.New(guarded, keyed.Max(5))
			for i := range 5 {
				s.Get(strconv.Itoa(i))
			}
			for i := range 5 {
				time.Sleep(time.Second)
				if i != oldest {
					s.Get(strconv.Itoa(i))
				}
			}
			s.Get("another")
			for key := range s.All() {
				assert.NotEqual(t, strconv.Itoa(oldest), key)
			}
		})
	}
}

// One that is not asked for during exactly the time of Idle leaves, and one that has just come stays.
func TestIdleToTheMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := keyed.New(guarded, keyed.Idle(40*time.Second))
		s.Get("a")
		time.Sleep(40 * time.Second)
		late := s.Get("b")
		assert.Equal(t, keyed.Snapshot{Pipelines: 1, Made: 2, Expired: 1}, s.Snapshot())
		time.Sleep(10 * time.Second)
		assert.Same(t, late, s.Get("b"), "it came late, and is not idle for that")
		time.Sleep(39 * time.Second)
		assert.Same(t, late, s.Get("b"))
	})
}

// A newcomer is not idle because it came long after the set was made.
func TestANewcomerIsNotIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := keyed.New(guarded, keyed.Idle(40*time.Second))
		time.Sleep(time.Hour)
		s.Get("a")
		time.Sleep(10 * time.Second)
		s.Get("b")
		assert.Zero(t, s.Snapshot().Expired)
	})
}

// A nil pipeline is refused, whatever its type.
func TestANilOfAnyKind(t *testing.T) {
	const says = `keyed: the function given to New returned a nil pipeline for key a`
	assert.PanicsWithError(t, says, func() { keyed.New(func(string) ductile.Composed { return nil }).Get("a") })
	assert.PanicsWithError(t, says, func() { keyed.New(func(string) *ductile.Pipeline { return nil }).Get("a") })
	assert.PanicsWithError(t, says, func() { keyed.New(func(string) ductile.Composed { return (*ductile.Pipeline)(nil) }).Get("a") })
}
