package main

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/examples/grpc/shop"
)

// always returns a day of one act in which each method has the same faults.
func always(f faults) []act {
	a := act{name: "always", length: time.Second, faults: map[string]faults{}}
	for _, method := range methods() {
		a.faults[method] = f
	}
	return []act{a}
}

func TestFates(t *testing.T) {
	const calls = 20_000
	f := faults{fails: 0.05, stalls: 0.04, hangs: 0.03}
	var met [4]int
	luck := rand.New(rand.NewPCG(1, 2))
	for range calls {
		met[f.meets(luck)]++
	}
	for fate, want := range map[fate]float64{fine: 0.88, fails: 0.05, stalls: 0.04, hangs: 0.03} {
		if share := float64(met[fate]) / calls; math.Abs(share-want) > 0.01 {
			t.Errorf("fate %d: %v of the calls meet it, not %v", fate, share, want)
		}
	}
	if got := (faults{hangs: 1}).meets(luck); got != hangs {
		t.Errorf("what is down meets a call with fate %d", got)
	}
	if got := (faults{}).meets(luck); got != fine {
		t.Errorf("what is well meets a call with fate %d", got)
	}
}

func TestLuck(t *testing.T) {
	const calls = 2000
	day := always(faults{fails: 0.5})
	fates := func(i *inventory, method string) (met []fate) {
		for number := range int64(calls) {
			met = append(met, i.meet(visit{method, number}))
		}
		return met
	}
	same := func(a, b []fate) (n int) {
		for i := range a {
			if a[i] == b[i] {
				n++
			}
		}
		return n
	}
	one := newInventory(1, day)
	first := fates(one, quote)
	if n := same(first, fates(newInventory(1, day), quote)); n != calls {
		t.Errorf("%d of %d calls meet the same at the server of the other client", n, calls)
	}
	for about, met := range map[string][]fate{
		"their repeats": fates(one, quote), "another method": fates(one, watch), "another seed": fates(newInventory(2, day), quote),
	} {
		if n := same(first, met); n < calls*4/10 || n > calls*6/10 {
			t.Errorf("%s: %d of %d calls meet the same", about, n, calls)
		}
	}
}

// Who asks again where a call stalls is answered. So it is not where it hangs.
func TestStallsAreOverForWhoAsksAgain(t *testing.T) {
	for from, want := range map[faults]fate{{stalls: 1}: fine, {hangs: 1}: hangs, {fails: 1}: fails} {
		i := newInventory(1, always(from))
		i.meet(visit{get, 1})
		if got := i.meet(visit{get, 1}); got != want {
			t.Errorf("%+v: a repeat meets fate %d, not %d", from, got, want)
		}
	}
}

// query makes queries at once, and returns when they ended.
func query(ctx context.Context, s *stockroom, queries int) (ends, left latencies) {
	began := time.Now()
	var mu sync.Mutex
	var all sync.WaitGroup
	for range queries {
		all.Go(func() {
			err := s.query(ctx)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				ends = append(ends, time.Since(began))
			} else {
				left = append(left, time.Since(began))
			}
		})
	}
	all.Wait()
	return ends, left
}

func TestStockroomServesInTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStockroom()
		for range 2 { // the second time, after a rest
			ends, _ := query(t.Context(), s, 2*connections)
			want := slices.Concat(slices.Repeat(latencies{takes}, connections), slices.Repeat(latencies{2 * takes}, connections))
			if !slices.Equal(ends, want) {
				t.Errorf("the queries ended after %v", ends)
			}
			time.Sleep(time.Second)
		}
	})
	if capacity != 200 {
		t.Errorf("it can do %d queries a second", capacity)
	}
}

// What has begun takes its time, whoever has left meanwhile.
func TestStockroomIsNotFreedByThoseWhoLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStockroom()
		ctx, cancel := context.WithTimeout(t.Context(), takes/2)
		defer cancel()
		ends, left := query(ctx, s, 2*connections)
		want := slices.Concat(slices.Repeat(latencies{takes / 2}, connections), slices.Repeat(latencies{takes}, connections))
		if len(ends) != 0 || !slices.Equal(left, want) {
			t.Errorf("the queries ended after %v, and those who left heard of it after %v", ends, left)
		}
	})
}

// Over a network or without one, each fate is what a client knows it by.
func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		about  string
		faults faults
		code   map[string]codes.Code
	}{
		{"all is well", faults{}, nil},
		{"all fails", faults{fails: 1}, map[string]codes.Code{get: codes.Unavailable, quote: codes.Unavailable, reserve: codes.Unavailable, watch: codes.Unavailable}},
		{"all stalls", faults{stalls: 1}, nil},
		{"all hangs", faults{hangs: 1}, map[string]codes.Code{get: codes.DeadlineExceeded, quote: codes.DeadlineExceeded}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := near(t, 1, always(tt.faults), nil)
			defer s.close()
			for _, method := range methods() {
				began := time.Now()
				err := s.client.call(method, 7)
				if got := status.Code(err); got != tt.code[method] {
					t.Errorf("%s: %s: %v", tt.about, method, err)
				}
				took := time.Since(began)
				if looks := method == get || method == quote; tt.faults.stalls > 0 && looks && took != stall+takes || tt.faults.hangs > 0 && looks && took != deadline {
					t.Errorf("%s: %s took %v", tt.about, method, took)
				}
				if s.bore(0, row{methods: []string{method}}) != 1 {
					t.Errorf("%s: %s: %v came", tt.about, method, s.came)
				}
			}
			if !s.has(7) || s.twice() != 0 {
				t.Errorf("%s: the order is not reserved once", tt.about)
			}
			_ = s.client.call(reserve, 7)
			if s.twice() != 1 || s.has(8) {
				t.Errorf("%s: the order is not reserved twice", tt.about)
			}
		})
	}
}

// bore returns how many calls of a row came to the server in an act.
func (s *side) bore(act int, of row) int { return s.outcome(nil).bore(act, of) }

// A wrong answer is none.
func TestClientChecksAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := near(t, 1, always(faults{}), nil)
		defer s.close()
		s.client.inventory = other{s.client.inventory}
		for method, want := range map[string]string{get: "asked for 4 and was told of 5", reserve: "ordered 4 and was told of 5"} {
			if err := s.client.call(method, 4); err == nil || err.Error() != want {
				t.Errorf("%s: %v", method, err)
			}
		}
	})
}

// A stream that ends early is no answer.
func TestClientCountsChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := near(t, 1, always(faults{}), nil, grpc.ChainStreamInterceptor(
			func(any, grpc.ServerStream, *grpc.StreamServerInfo, grpc.StreamHandler) error { return nil }))
		defer s.close()
		if err := s.client.call(watch, 1); err == nil {
			t.Error("a stream of nothing is an answer")
		}
	})
}

// other asks for something else.
type other struct{ shop.InventoryClient }

func (o other) Get(ctx context.Context, a *shop.Article, options ...grpc.CallOption) (*shop.Stock, error) {
	return o.InventoryClient.Get(ctx, &shop.Article{Number: a.GetNumber() + 1}, options...)
}

func (o other) Reserve(ctx context.Context, r *shop.Order, options ...grpc.CallOption) (*shop.Reservation, error) {
	return o.InventoryClient.Reserve(ctx, &shop.Order{Id: r.GetId() + 1}, options...)
}

// A call of the crowd is not counted, and a repeat is early only before it was told to come.
func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(append(always(faults{}), always(faults{})...))
		refused, err := status.New(codes.ResourceExhausted, "").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)})
		if err != nil {
			t.Fatal(err)
		}
		g.enter(visit{get, 1})
		g.leave(visit{get, 1}, refused.Err())
		g.begin(1)
		g.enter(visit{get, -1})
		g.enter(visit{get, 2})
		g.leave(visit{get, 2}, status.Error(codes.ResourceExhausted, ""))
		g.leave(visit{get, 3}, status.Error(codes.Unavailable, ""))
		g.enter(visit{get, 1})
		if g.early != 1 || g.heeded != 0 || g.over != 2 || g.told != 1 || !slices.Equal(g.came[get], []int{1, 2}) {
			t.Errorf("%+v", g)
		}
		g.enter(visit{get, 1}) // once more, after it has come
		g.leave(visit{get, 1}, refused.Err())
		time.Sleep(time.Second)
		g.enter(visit{get, 1})
		if g.early != 1 || g.heeded != 1 {
			t.Errorf("%+v", g)
		}
	})
}

// A real server is served again at its address, with grace or without, and says what it is. A busy machine may need longer for a call than a
// program waits for it: who has waited in vain asks again.
func TestRestartsOverTCP(t *testing.T) {
	s, err := open(newServer(1, always(faults{}), new(loopback), protectServer()...), protectClient(func(string, breaker.Transition) {}))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	var seen []string
	s.probe.changed = func(_, to string) { seen = append(seen, to) }
	for n, graceful := range []bool{true, false} {
		for _, method := range methods() {
			err := s.client.call(method, int64(n))
			for slices.Contains([]codes.Code{codes.DeadlineExceeded, codes.Unavailable}, status.Code(err)) {
				err = s.client.call(method, int64(n))
			}
			if err != nil {
				t.Errorf("%s: %v", method, err)
			}
		}
		for s.probe.ask(); s.probe.last != serving; s.probe.ask() {
		}
		if err := s.restart(graceful); err != nil {
			t.Fatal(err)
		}
	}
	services, err := s.client.services()
	if err != nil || !slices.Contains(services, "shop.Inventory") || !slices.Contains(services, "grpc.health.v1.Health") {
		t.Errorf("%v, %v", services, err)
	}
	for s.probe.ask(); s.probe.last != serving; s.probe.ask() {
	}
	s.stop()
	asked := len(s.probe.sightings)
	s.probe.ask()
	if len(s.probe.sightings) != asked+1 || s.probe.sightings[asked].status != unreachable || seen[len(seen)-1] != unreachable {
		t.Errorf("%v: %v", s.probe.sightings, seen)
	}
}

// With grace a call that has begun is answered; without, it is lost.
func TestGrace(t *testing.T) {
	for graceful, want := range map[bool]codes.Code{true: codes.OK, false: codes.Unavailable} {
		synctest.Test(t, func(t *testing.T) {
			s := near(t, 1, always(faults{stalls: 1}), nil)
			defer s.close()
			var all sync.WaitGroup
			all.Go(func() {
				if err := s.client.call(get, 1); status.Code(err) != want {
					t.Errorf("a server restarts, with grace %v: %v", graceful, err)
				}
			})
			if err := s.restart(graceful); err != nil {
				t.Error(err)
			}
			all.Wait()
		})
	}
}

// A port that somebody else has taken is an error, and not a hang.
func TestATakenPort(t *testing.T) {
	first := new(loopback)
	l, err := first.listen()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if _, err := (&loopback{address: first.address}).listen(); err == nil {
		t.Error("two servers listen at one address")
	}
}

// The protected client's errors are those of gRPC and of policies.
func TestErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := near(t, 1, always(faults{hangs: 1}), protectClient(func(string, breaker.Transition) {}))
		defer s.close()
		var err error
		for number := range int64(40) {
			err = s.client.call(quote, number)
		}
		var ended *ductilegrpc.Error
		r := new(result)
		r.end(err, 0)
		if status.Code(err) != codes.Unavailable || !errors.Is(err, breaker.ErrOpen) || !errors.As(err, &ended) || !r.refused() {
			t.Errorf("%v", err)
		}
	})
}
