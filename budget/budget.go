// Package budget bounds extra load: the retries and hedges that a pipeline adds to what its callers asked for.
//
// Why a budget, and not just a limit of attempts? Because a limit multiplies. Three attempts are three times the load exactly
// when the dependency can bear it least, and through five layers of services they are 3^5 = 243 times. A budget bounds the whole
// and not the single call: while few calls fail every one may be repeated, and when all fail, the extra load is a share (here
// 20 %) of the first attempts. The idea is the retry budget of Finagle and Linkerd, and of chapter 22 of Google's "Site
// Reliability Engineering".
package budget

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
	"github.com/ductile-go/ductile/internal/rolling"
)

// A Budget is an allowance for extra load over a sliding window of time: a share of the first attempts in it, and a floor for
// times when there are few. A pipeline makes one for itself; make your own with [New] to share it between pipelines that
// load the same dependency, and give it to their policies. The driver of a pipeline calls Deposit, and policies Withdraw.
//
// The zero Budget grants nothing. It is safe for concurrent use. A deposit costs a clock reading and an atomic addition; a
// withdrawal, which only failures make, takes a lock and is exact.
type Budget struct {
	config
	base    time.Time
	earned  rolling.Counter
	refused atomic.Uint64

	mu    sync.Mutex
	spent rolling.Counter // written under mu
}

type config struct {
	share  uint64 // millionths of first attempts
	floor  uint64 // millionths of a withdrawal a second
	window time.Duration
	kind   kind
}

type kind uint8

const (
	none kind = iota
	bounded
	unlimited
)

// New returns a budget of a fifth of the first attempts of the last 10 s, and one withdrawal a second besides. It panics on
// options that make no sense; [Validate] says the same as an error.
func New(options ...Option) *Budget {
	c, err := configure(options)
	if err != nil {
		panic(err)
	}
	return &Budget{config: c, base: time.Now()}
}

// Unlimited returns a budget that grants everything: for a caller that bounds its load otherwise, or is alone.
func Unlimited() *Budget { return &Budget{config: config{kind: unlimited}} }

// None returns a budget that grants nothing.
func None() *Budget { return new(Budget) }

// Deposit earns the share of one first attempt.
func (b *Budget) Deposit() {
	if b.kind == bounded {
		b.earned.Add(b.slice(), 1)
	}
}

// DepositAt is Deposit for who has just read the clock.
func (b *Budget) DepositAt(now time.Time) {
	if b.kind == bounded {
		b.earned.Add(b.at(now.Sub(b.base)), 1)
	}
}

// Withdraw takes the allowance for one more attempt, from the share that was earned or from the floor, and reports whether there
// was any left. A withdrawal that was not used is to be given back by [Budget.Refund].
func (b *Budget) Withdraw() bool { return b.withdraw(b.floor) }

// WithdrawEarned is Withdraw without the floor: for hedges, which nobody needs when there is little traffic.
func (b *Budget) WithdrawEarned() bool { return b.withdraw(0) }

func (b *Budget) withdraw(floor uint64) bool {
	switch b.kind {
	case unlimited:
		return true
	case none:
		b.refused.Add(1)
		return false
	default:
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.slice()
	if (b.spent.Sum(now)+1)*whole > b.allowance(now, floor) {
		b.refused.Add(1)
		return false
	}
	b.spent.Add(now, 1)
	return true
}

// Refund gives a withdrawal back that was made some time ago and came to nothing: the call was canceled in its backoff, or refused by a
// policy inside. It takes back the oldest of the window, so that a refund never makes the budget grant more than its share; one that has
// left the window is not given back, for what it took has come back by itself.
func (b *Budget) Refund(age time.Duration) {
	if b.kind != bounded {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := time.Since(b.base); b.at(now-age)+rolling.Slices > b.at(now) {
		b.spent.TakeOldest(b.at(now))
	}
}

// A Snapshot is what a budget held at one moment.
type Snapshot struct {
	// Earned is how many first attempts the window holds, and Spent how many withdrawals.
	Earned, Spent uint64
	// Balance is how many more withdrawals the budget would grant now, the floor included; math.MaxInt64 where it is unlimited.
	Balance int64
	// Refused is how many withdrawals were refused since the budget was made.
	Refused uint64
}

// Snapshot returns what the budget holds now.
func (b *Budget) Snapshot() Snapshot {
	s := Snapshot{Refused: b.refused.Load()}
	switch b.kind {
	case unlimited:
		s.Balance = math.MaxInt64
		return s
	case none:
		return s
	default:
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.slice()
	s.Earned, s.Spent = b.earned.Sum(now), b.spent.Sum(now)
	if allowed := b.allowance(now, b.floor) / whole; allowed > s.Spent {
		s.Balance = int64(allowed - s.Spent)
	}
	return s
}

// whole is one withdrawal, in the millionths that shares are kept in.
const whole = uint64(1 / refuse.Part)

// allowance returns how much the window that ends now may spend in all, in millionths.
func (b *Budget) allowance(now uint32, floor uint64) uint64 {
	return b.earned.Sum(now)*b.share + floor*uint64(b.window/time.Millisecond)/1000
}

// slice returns the number of the current tenth of a window, from 1.
func (b *Budget) slice() uint32 { return b.at(time.Since(b.base)) }

// at returns the number of the tenth at a time since the budget was made.
func (b *Budget) at(since time.Duration) uint32 {
	return uint32(max(since, 0)/(b.window/rolling.Slices)) + 1
}
