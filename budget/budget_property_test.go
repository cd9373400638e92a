package budget_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/budget"
)

// model is a budget as one would explain it: lists of moments, and fractions without any rounding.
type model struct {
	share, floor   *big.Rat
	window         time.Duration
	earned, spent  []time.Duration // when, since the beginning
	refused        uint64
	sinceBeginning func() time.Duration
}

// lately returns what happened in this tenth of a window and the nine before it.
func (m *model) lately(moments []time.Duration) (recent []time.Duration) {
	tenth := m.window / 10
	for _, moment := range moments {
		if moment/tenth+10 > m.sinceBeginning()/tenth {
			recent = append(recent, moment)
		}
	}
	return recent
}

// balance returns how many withdrawals are left, none where it is in debt.
func (m *model) balance(floor bool) int64 {
	allowed := new(big.Rat).Mul(m.share, big.NewRat(int64(len(m.lately(m.earned))), 1))
	if floor {
		seconds := big.NewRat(int64(m.window), int64(time.Second))
		allowed.Add(allowed, seconds.Mul(seconds, m.floor))
	}
	whole := new(big.Int).Quo(allowed.Num(), allowed.Denom()).Int64()
	return max(0, whole-int64(len(m.lately(m.spent))))
}

func (m *model) withdraw(floor bool) bool {
	if m.balance(floor) == 0 {
		m.refused++
		return false
	}
	m.spent = append(m.spent, m.sinceBeginning())
	return true
}

func (m *model) refund() {
	if m.spent = m.lately(m.spent); len(m.spent) > 0 {
		m.spent = m.spent[1:]
	}
}

// Whatever happens, and whenever, a budget does what the model does.
func TestABudgetIsItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		millionths := func(high int64, what string) *big.Rat {
			return big.NewRat(rapid.OneOf(rapid.Int64Range(0, high), rapid.Int64Range(0, high/100)).Draw(t, what), 1_000_000)
		}
		share, floor := millionths(10_000_000, "share"), millionths(3_000_000, "floor")
		windows := []time.Duration{time.Second, 1700 * time.Millisecond, 10 * time.Second, 10 * time.Minute}
		window := rapid.SampledFrom(windows).Draw(t, "window")
		rapid.SyncTest(t, func(t *rapid.T) {
			shareOption, _ := share.Float64()
			floorOption, _ := floor.Float64()
			b := budget.New(budget.Share(shareOption), budget.Floor(floorOption), budget.Window(window))
			start := time.Now()
			m := &model{share: share, floor: floor, window: window, sinceBeginning: func() time.Duration { return time.Since(start) }}
			t.Repeat(map[string]func(*rapid.T){
				"deposit": func(t *rapid.T) {
					for range rapid.IntRange(1, 50).Draw(t, "how many") {
						b.Deposit()
						m.earned = append(m.earned, m.sinceBeginning())
					}
				},
				"withdraw": func(t *rapid.T) {
					for range rapid.IntRange(1, 20).Draw(t, "how many") {
						assert.Equal(t, m.withdraw(true), b.Withdraw())
					}
				},
				"withdraw earned": func(t *rapid.T) { assert.Equal(t, m.withdraw(false), b.WithdrawEarned()) },
				"refund":          func(*rapid.T) { b.Refund(0); m.refund() },
				"wait within": func(t *rapid.T) {
					time.Sleep(time.Duration(rapid.Int64Range(1, int64(window/5)).Draw(t, "wait")))
				},
				"wait to the edge of a tenth": func(t *rapid.T) {
					tenth := window / 10
					time.Sleep(tenth - m.sinceBeginning()%tenth - time.Duration(rapid.IntRange(0, 1).Draw(t, "just before")))
				},
				"wait long": func(t *rapid.T) {
					time.Sleep(time.Duration(rapid.Int64Range(1, 5).Draw(t, "windows")) * window * 6 / 10)
				},
				"": func(t *rapid.T) {
					assert.Equal(t, budget.Snapshot{
						Earned: uint64(len(m.lately(m.earned))), Spent: uint64(len(m.lately(m.spent))),
						Balance: m.balance(true), Refused: m.refused,
					}, b.Snapshot())
				},
			})
		})
	})
}

// A withdrawal that was given back in time leaves the budget no more generous than if it had never been, now and at any later moment.
func TestARefundIsNeverAGift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			with, without := budget.New(), budget.New()
			both := func(do func(*budget.Budget)) { do(with); do(without) }
			wait := func(what string, limit time.Duration) {
				time.Sleep(time.Duration(rapid.Int64Range(0, int64(limit)).Draw(t, what)))
			}
			for range rapid.IntRange(0, 5).Draw(t, "history") {
				both(func(b *budget.Budget) { b.Deposit(); b.Withdraw() })
				wait("between", 3*time.Second)
			}
			if !with.Withdraw() {
				return
			}
			for range rapid.IntRange(0, 3).Draw(t, "meanwhile") {
				wait("within", 3*time.Second-1) // 9 s at most: the withdrawal is still in the window
				both((*budget.Budget).Deposit)
			}
			with.Refund(0)
			for range 25 {
				assert.LessOrEqual(t, with.Snapshot().Balance, without.Snapshot().Balance)
				wait("after", time.Second)
			}
			time.Sleep(10 * time.Second)
			assert.Equal(t, without.Snapshot().Balance, with.Snapshot().Balance, "in the end nothing is lost either")
		})
	})
}
