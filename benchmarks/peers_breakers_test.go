package benchmarks

import (
	"context"
	"testing"
	"time"

	"github.com/failsafe-go/failsafe-go"

	"github.com/ductile-go/ductile"
)

// TestBreakersRefuse fails calls through the breakers of all sides, and then looks whether they refuse: in a measurement of closed ones nobody would
// notice one that never opens.
func TestBreakersRefuse(t *testing.T) {
	ctx := t.Context()
	fail := func() error { return errDown }
	ours, failsafes := ductile.New("stock", newBreaker()), failsafe.With[Stock](newFailsafeBreaker())
	theirs, eapaches, aegises, zeros := newGobreaker(), newEapache(), newAegis(), newZero()
	for _, side := range []struct {
		by      string
		failing func() error
		patient int // so many calls may fail before any is refused
		refused int // of the hundred that come after fifty
	}{
		{"ductile", func() error { return ductile.Run(ctx, ours, func(context.Context) error { return errDown }) }, 5, 100},
		{"gobreaker", func() error {
			_, err := theirs.Execute(func() (Stock, error) { return Stock{}, errDown })
			return err
		}, 5, 100},
		{"failsafe-go", func() error {
			_, err := failsafes.Get(func() (Stock, error) { return Stock{}, errDown })
			return err
		}, 20, 100},
		{"eapache", func() error { return eapaches.Run(fail) }, 5, 100},
		{"aegis", func() error {
			_, err := aegisCall(ctx, aegises, func(context.Context) (Stock, error) { return Stock{}, errDown })
			return err
		}, 20, 70},
		{"go-zero", func() error { return zeros.DoCtx(ctx, fail) }, 5, 70},
	} {
		t.Run(side.by, func(t *testing.T) {
			for i := range side.patient {
				if err := side.failing(); err != errDown { //nolint:errorlint // it has to be what fn returned, and nothing around it
					t.Errorf("call %d ends in %v", i+1, err)
				}
			}
			refused := 0
			for i := range 150 {
				if err := side.failing(); i >= 50 && err != errDown { //nolint:errorlint // the same
					refused++
				}
			}
			if refused < side.refused {
				t.Errorf("%d of 100 calls are refused, want %d", refused, side.refused)
			}
		})
	}
}

// TestHystrixTakesTwenty fails calls one by one until hystrix-go refuses. It counts in the background, so it is late, and never early.
func TestHystrixTakesTwenty(t *testing.T) {
	const command = "stock that fails"
	configureHystrix(command)
	made := 0
	for began := time.Now(); failHystrix(command) != nil; made++ {
		if time.Since(began) > time.Minute {
			t.Fatalf("no call of %d was refused", made)
		}
	}
	if made < 20 {
		t.Errorf("refuses after %d calls, want 20", made)
	}
}
