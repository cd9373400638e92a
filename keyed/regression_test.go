package keyed_test

import (
	"context"
	"math"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/timeout"
)

// A key that cannot be compared panicked, as it has to, with the lock held: every new key then waited for ever.
func TestRegressionAKeyThatCannotBeCompared(t *testing.T) {
	s := keyed.New(func(any) *ductile.Pipeline { return guarded("") })
	s.Get("a")
	assert.Panics(t, func() { s.Get([]int{1}) })
	assert.NotNil(t, s.Get("b"))
}

// keeping is a gate whose Evictable is the test's.
type keeping struct{ evictable func(idle bool) bool }

func (keeping) Name() string                            { return "keeping" }
func (keeping) Acquire(context.Context) (uint64, error) { return 0, nil }
func (keeping) Release(uint64, error)                   {}
func (k keeping) Evictable(idle bool) bool              { return k.evictable(idle) }

// A policy that panics when it is asked whether it may leave did so with the lock held.
func TestRegressionAnEvictableThatPanics(t *testing.T) {
	for name, most := range map[string]int{"for another": 1, "idle": 10} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bad := true
				s := keyed.New(func(string) *ductile.Pipeline {
					return ductile.New("p", keeping{func(bool) bool {
						if bad {
							panic("mistake")
						}
						return true
					}})
				}, keyed.Max(most), keyed.Idle(time.Minute))
				s.Get("a")
				if most > 1 {
					time.Sleep(time.Hour)
				}
				assert.PanicsWithValue(t, "mistake", func() { s.Get("b") })
				bad = false
				assert.NotNil(t, s.Get("b"))
			})
		})
	}
}

// A bulkhead that is put around everything has a call in flight nearly always, and no pipeline could leave.
func TestRegressionABulkheadAroundEverything(t *testing.T) {
	all := bulkhead.New(100)
	s := keyed.New(func(string) *ductile.Pipeline { return ductile.New("p", all, breaker.New()) }, keyed.Max(10))
	_ = ductile.Run(ctx, s.Get("busy"), func(context.Context) error {
		for i := range 1000 {
			s.Get(strconv.Itoa(i))
		}
		return nil
	})
	assert.Zero(t, s.Snapshot().Crowded)
}

// detaching is an observer whose Detach is the test's.
type detaching struct{ detach func() }

func (detaching) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) {
	return ctx, nil
}
func (d detaching) Attach(ductile.Composed) func() { return d.detach }

// An observer that panicked when it was detached kept the others from being told, and whoever came in its place from being built.
func TestRegressionADetachThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, panics := 0, true
		s := keyed.New(func(string) *ductile.Pipeline {
			return guarded("").With(detaching{func() {
				n++
				if panics {
					panic("mistake")
				}
			}})
		}, keyed.Max(3), keyed.Idle(time.Minute))
		for _, key := range []string{"a", "b", "c"} {
			s.Get(key)
		}
		time.Sleep(time.Hour)
		assert.Panics(t, func() { s.Get("d") })
		assert.Equal(t, 3, n, "all are told")
		for _, key := range []string{"e", "f", "g"} {
			s.Get(key)
		}
		assert.Panics(t, func() { s.Get("h") })
		panics = false
		time.Sleep(time.Hour)
		s.Get("x")
		assert.Equal(t, 1, s.Snapshot().Pipelines, "h was built, and left")
	})
}

// With an idle time below the resolution of the last use, a pipeline that was asked for all the time was idle.
func TestRegressionAShortIdleTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := keyed.New(guarded, keyed.Idle(40*time.Millisecond))
		first := s.Get("a")
		for range 100 {
			time.Sleep(5 * time.Millisecond)
			require.Same(t, first, s.Get("a"))
		}
	})
}

// A NaN, which never becomes a member, made another leave.
func TestRegressionNothingLeavesForANaN(t *testing.T) {
	s := keyed.New(func(float64) *ductile.Pipeline { return guarded("") }, keyed.Max(2))
	s.Get(1)
	s.Get(2)
	s.Get(math.NaN())
	assert.Equal(t, 2, s.Snapshot().Pipelines)
	assert.Zero(t, s.Snapshot().Evicted)
}

// A type of the program's own that embeds a pipeline was asked whether it is nil, which a struct cannot be.
func TestRegressionAnEmbeddedPipeline(t *testing.T) {
	type tenant struct{ *ductile.Pipeline }
	s := keyed.New(func(string) tenant { return tenant{guarded("")} })
	assert.NotPanics(t, func() { s.Get("a") })
}

// Who tuned all pipelines by All missed the one that keys share, and one that was being made by the numbers of before.
func TestAllIsAllRegression(t *testing.T) {
	now, begun, goOn := time.Second, make(chan struct{}), make(chan struct{})
	s := keyed.New(func(key string) *ductile.Pipeline {
		after := now
		if key == "slow" {
			close(begun)
			<-goOn
		}
		return ductile.New("p", bulkhead.New(1), timeout.New(after))
	}, keyed.Max(2))
	_, err := s.Get("a").Policies()[0].(*bulkhead.Bulkhead).Acquire(t.Context()) //nolint:errcheck,forcetypeassert // so that it stays
	require.NoError(t, err)
	go s.Get("slow")
	<-begun
	s.Get("b") // for which there is no room
	now = time.Hour
	var keys []string
	for key, p := range s.All() {
		if len(keys) == 0 {
			close(goOn)
		}
		keys = append(keys, key)
		require.NoError(t, p.Policies()[1].(*timeout.Policy).Update(timeout.After(now))) //nolint:errcheck,forcetypeassert // it is one
	}
	assert.Equal(t, []string{"a", "slow", ""}, keys)
	for _, key := range []string{"a", "slow", "b"} {
		assert.Equal(t, "1h0m0s", s.Get(key).Policies()[1].(*timeout.Policy).String(), key) //nolint:errcheck,forcetypeassert // it is one
	}
}
