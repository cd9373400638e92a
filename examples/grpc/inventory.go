package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/examples/grpc/shop"
)

// An inventory is the service: it follows the script, and notes what it has reserved. Nothing here knows whether it is protected, and what
// it is outlives the servers that serve it.
type inventory struct {
	shop.UnimplementedInventoryServer
	stockroom *stockroom
	seed      uint64
	day       []act

	mu       sync.Mutex
	current  int           // act
	visits   map[visit]int // how often each call has come
	reserved map[int64]int // how often, by the order
}

// A visit is a call of a method for a number. Each number is called for once, but for what is repeated.
type visit struct {
	method string
	number int64
}

func newInventory(seed uint64, day []act) *inventory {
	return &inventory{stockroom: newStockroom(), seed: seed, day: day, visits: map[visit]int{}, reserved: map[int64]int{}}
}

// Get implements shop.InventoryServer.
func (i *inventory) Get(ctx context.Context, a *shop.Article) (*shop.Stock, error) {
	if err := i.look(ctx, visit{get, a.GetNumber()}); err != nil {
		return nil, err
	}
	return &shop.Stock{Number: a.GetNumber(), Count: 2}, nil
}

// Quote implements shop.InventoryServer.
func (i *inventory) Quote(ctx context.Context, a *shop.Article) (*shop.Price, error) {
	if err := i.look(ctx, visit{quote, a.GetNumber()}); err != nil {
		return nil, err
	}
	return &shop.Price{Number: a.GetNumber(), Cents: 995}, nil
}

// Reserve implements shop.InventoryServer. Where it fails it has reserved all the same: its caller cannot know.
func (i *inventory) Reserve(ctx context.Context, o *shop.Order) (*shop.Reservation, error) {
	met := i.meet(visit{reserve, o.GetId()})
	if err := i.stockroom.query(ctx); err != nil {
		return nil, err
	}
	i.mu.Lock()
	i.reserved[o.GetId()]++
	i.mu.Unlock()
	if met == fails {
		return nil, away()
	}
	return &shop.Reservation{Order: o.GetId()}, nil
}

// changes is how often a stock changes while it is watched.
const changes = 2

// Watch implements shop.InventoryServer.
func (i *inventory) Watch(a *shop.Article, stream grpc.ServerStreamingServer[shop.Stock]) error {
	if i.meet(visit{watch, a.GetNumber()}) == fails {
		return away()
	}
	for change := range changes + 1 {
		if err := stream.Send(&shop.Stock{Number: a.GetNumber(), Count: int64(changes - change)}); err != nil {
			return err
		}
		if err := wait(stream.Context(), takes/2); err != nil {
			return err
		}
	}
	return nil
}

// look looks into the stockroom, where the script allows it.
func (i *inventory) look(ctx context.Context, v visit) error {
	switch i.meet(v) {
	case fails:
		return away()
	case stalls:
		if err := wait(ctx, stall); err != nil {
			return err
		}
	case hangs:
		<-ctx.Done() // until the client gives up
		return ctx.Err()
	default:
	}
	return i.stockroom.query(ctx)
}

func away() error { return status.Error(codes.Unavailable, "out to lunch") }

// meet notes a call, and returns its fate. A stall is over for who asks again.
func (i *inventory) meet(v visit) fate {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.visits[v]++
	luck := rand.New(rand.NewPCG(i.seed, uint64(slices.Index(methods(), v.method))<<56+uint64(v.number)<<16+uint64(i.visits[v])))
	met := i.day[i.current].faults[v.method].meets(luck)
	if met == stalls && i.visits[v] > 1 {
		return fine
	}
	return met
}

// begin turns to an act of the day.
func (i *inventory) begin(act int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.current = act
}

// twice returns how many orders were reserved more than once.
func (i *inventory) twice() (n int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, times := range i.reserved {
		if times > 1 {
			n++
		}
	}
	return n
}

// has reports whether an order was reserved.
func (i *inventory) has(order int64) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.reserved[order] > 0
}
