package main

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/examples/grpc/shop"
	"github.com/ductile-go/ductile/keyed"
)

// nearby is a network within the program, so that a day takes no time.
type nearby struct {
	mu       sync.Mutex
	listener *bufconn.Listener
}

func (n *nearby) listen() (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listener = bufconn.Listen(1 << 16)
	return n.listener, nil
}

func (n *nearby) target() (string, grpc.DialOption) {
	return "passthrough:///shop", grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		n.mu.Lock()
		listener := n.listener
		n.mu.Unlock()
		return listener.DialContext(ctx)
	})
}

// near returns a side that is reached without a network.
func near(t *testing.T, seed uint64, day []act, protectClient []grpc.DialOption, protectServer ...grpc.ServerOption) *side {
	t.Helper()
	opened, err := open(newServer(seed, day, new(nearby), protectServer...), protectClient)
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// A protection is what protects a pair.
type protection struct {
	client func(func(string, breaker.Transition)) []grpc.DialOption
	server []grpc.ServerOption
}

// live shows a day of which the second pair is protected in the given way, and returns what was said, and whether the promises were kept.
func live(t *testing.T, seed uint64, p protection) (r results, said string, kept bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		var seen journal
		day := badDay()
		bare, protected := near(t, seed, day, nil), near(t, seed, day, p.client(seen.breaker), p.server...)
		defer bare.close()
		defer protected.close()
		var err error
		if r, err = show(&b, day, bare, protected, &seen); err != nil {
			t.Error(err)
			return
		}
		kept = promises(&b, r)
		said = b.String()
	})
	return r, said, kept
}

// flat undoes the breaks of lines.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestShow(t *testing.T) {
	r, said, kept := live(t, 1, protection{protectClient, protectServer()})
	if !kept || strings.Contains(said, "NOT KEPT") || strings.Contains(said, "busy") {
		t.Error(said)
	}
	fits(t, said)
	of := func(methods ...string) row { return row{methods: methods} }
	count := func(o outcome, act string, of row) int { return o.tally(r.act(act), of, 0).failed() }
	about := func(what string) (n int) {
		for _, entry := range r.seen {
			if strings.Contains(entry, "s  "+what+" ") {
				n++
			}
		}
		return n
	}
	// What each tick of the load calls once is lost by the bare pair while the server is away: for five ticks of the restart with grace, and for
	// six of that without, whose first calls are cut off. The story leaves none of that to chance. The protected pair loses what was cut off and
	// may not be begun anew: an order, and a stream that had a message.
	const away = 5 + 6
	for _, tt := range []struct {
		about     string
		got       int
		low, high int
	}{
		{"bare calls that fail while all is well", count(r.bare, "calm", of(methods()...)), 0, 0},
		{"bare calls of Get and Watch that fail while they are flaky", count(r.bare, "flaky", of(get, watch)), 8, 30},
		{"protected ones", count(r.protected, "flaky", of(get, watch)), 0, 2},
		{"bare quotes that stall", r.bare.tally(r.act("flaky"), of(quote), 0).slow, 4, 16},
		{"protected ones", r.protected.tally(r.act("flaky"), of(quote), 0).slow, 0, 0},
		{"bare calls that fail in the restarts", count(r.bare, "restarts", of(get, quote, watch)), 3 * away, 3 * away},
		{"protected ones", count(r.protected, "restarts", of(get, quote, watch)), 1, 1},
		{"bare orders that fail in the restarts", count(r.bare, "restarts", of(reserve)), away, away},
		{"protected ones", count(r.protected, "restarts", of(reserve)), 1, 1},
		{"bare quotes that are answered in the outage", 100 - count(r.bare, "outage", of(quote)), 0, 0},
		{"bare calls that are refused", len(r.bare.tally(r.act("outage"), of(quote), 0).refused), 0, 0},
		{"protected ones", len(r.protected.tally(r.act("outage"), of(quote), 0).refused), 40, 75},
		{"quotes that come to the server in the outage", r.protected.bore(r.act("outage"), of(quote)), 40, 70},
		{"bare calls of others than Get that fail with the crowd", count(r.bare, "crowd", of(quote, reserve, watch)), 100, 220},
		{"protected ones", count(r.protected, "crowd", of(quote, reserve, watch)), 0, 3},
		{"calls of the crowd that the protected server answers", 560 - count(r.protected, "crowd", row{methods: []string{get}, crowd: true}), 80, 260},
		{"calls above the quota", r.protected.over, 400, 800},
		{"repeats that were told to wait", r.protected.heeded, 10, 150},
		{"entries of the journal", len(r.seen), 9, 20},
		{"those about health", about("health"), 6, 6},
		{"those about Quote", about("Quote"), 7, 11},
	} {
		if tt.got < tt.low || tt.got > tt.high {
			t.Errorf("%s: %d, not from %d to %d", tt.about, tt.got, tt.low, tt.high)
		}
	}
	before, after := r.bare.tally(r.act("flaky"), of(reserve), 0), r.protected.tally(r.act("flaky"), of(reserve), 0)
	if before.failed() == 0 || before.failed() != after.failed() || r.protected.bore(r.act("flaky"), of(reserve)) != after.all {
		t.Errorf("%d orders fail without protection, %d with it", before.failed(), after.failed())
	}
	for i, a := range r.day {
		if want := 4 * int(a.length.Seconds()*perSecond); r.bare.tally(i, of(methods()...), 0).all != want || r.protected.tally(i, of(methods()...), 0).all != want {
			t.Errorf("%s: there are not %d calls", a.name, want)
		}
	}
	for _, want := range []string{
		"grpc.health.v1.Health, grpc.reflection.v1.ServerReflection", "shop.Inventory", "health SERVING → NOT_SERVING", "NOT_SERVING → unreachable",
		"unreachable → SERVING", "s Quote closed → open: too large a share", "→ closed: the probes succeeded", "Unavailable: Quote breaker is ",
		"half of them after 0.0 ms at most", "has a breaker of its own: of the others 0 failed", "That has a price", "no idempotency_level in shop.proto",
	} {
		if !strings.Contains(flat(said), want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
}

// fits sees that a text fits the terminal.
func fits(t *testing.T, said string) {
	t.Helper()
	_, text, _ := strings.Cut(said, "Two clients") // before that speak the pipelines
	for line := range strings.Lines(text) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.HasSuffix(line, " \n") || strings.Contains(line, "\u00a0") || strings.Contains(line, "%!") {
			t.Errorf("what does not belong there: %q", line)
		}
	}
}

// The promises are not a matter of luck.
func TestOtherSeeds(t *testing.T) {
	if raceEnabled {
		t.Skip("a day is long under the race detector, and TestShow has it for one")
	}
	for seed := range uint64(4) {
		if _, said, kept := live(t, seed, protection{protectClient, protectServer()}); !kept {
			t.Errorf("seed %d:\n%s", seed, said)
		}
	}
}

// Promises are broken by a protection that does not give what they say.
func TestOtherProtections(t *testing.T) {
	if raceEnabled {
		t.Skip("a day is long under the race detector, and TestShow has it for one")
	}
	type watching = func(string, breaker.Transition)
	none := func(watching) []grpc.DialOption { return nil }
	with := func(options ...ductilegrpc.ClientOption) func(watching) []grpc.DialOption {
		return func(w watching) []grpc.DialOption {
			return ductilegrpc.NewKeyedClient(keyed.New(func(method string) ductile.Composed {
				return clientPipeline(method, func(t breaker.Transition) { w(method, t) })
			}), options...).DialOptions()
		}
	}
	for _, tt := range []struct {
		about string
		protection
		says []string
	}{
		{"none", protection{none, nil}, []string{
			"97 % of Get and Watch", "a third as many quotes", "95 % of what changes nothing", "from 1.25s on, half", "a quarter fewer",
			"95 % of the others are answered while a crowd",
		}},
		{"none of the server", protection{protectClient, nil}, []string{"95 % of the others are answered while a crowd"}},
		{"repeats orders", protection{with(ductilegrpc.Methods(ductilegrpc.Idempotent, reserve)), protectServer()}, []string{"no order is reserved twice"}},
		{"repeats nothing", protection{with(ductilegrpc.Methods(ductilegrpc.Unknown, get, quote, watch)), protectServer()}, []string{
			"97 % of Get and Watch", "a third as many quotes",
		}},
		{"asks again at once", protection{func(w watching) []grpc.DialOption {
			return append(protectClient(w), grpc.WithChainUnaryInterceptor(atOnce))
		}, protectServer()}, []string{"who is told comes no sooner"}},
		{"does not say when to come back", protection{protectClient, ductilegrpc.NewKeyedServer(keyed.New(serverPipeline), ductilegrpc.OnReject(curt)).ServerOptions()},
			[]string{"who is above the quota is told"}},
		{"sheds health checks", protection{protectClient, append(protectServer(), grpc.ChainUnaryInterceptor(unwell))}, []string{"the server says meanwhile"}},
		{"loses orders", protection{protectClient, append(protectServer(), grpc.ChainUnaryInterceptor(forgetful))}, []string{"none that was answered is missing"}},
	} {
		_, said, kept := live(t, 1, tt.protection)
		if broken := strings.Count(said, "NOT KEPT"); kept || broken != len(tt.says) {
			t.Errorf("%s: %d promises are broken:\n%s", tt.about, broken, said)
		}
		for _, want := range tt.says {
			if !strings.Contains(said, "NOT KEPT: "+want) {
				t.Errorf("%s: %q is kept in\n%s", tt.about, want, said)
			}
		}
	}
}

// atOnce repeats what is refused, whatever it is told.
func atOnce(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	err := invoke(ctx, method, req, reply, cc, options...)
	if status.Code(err) == codes.ResourceExhausted {
		return invoke(ctx, method, req, reply, cc, options...)
	}
	return err
}

// curt refuses without another word.
func curt(_ context.Context, _ string, err error) error { return status.Error(status.Code(err), "no") }

// unwell fails health checks.
func unwell(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if strings.HasPrefix(info.FullMethod, "/grpc.health.v1.Health/") {
		return nil, status.Error(codes.Unavailable, "full")
	}
	return handle(ctx, request)
}

// forgetful answers orders and does nothing.
func forgetful(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if order, ok := request.(*shop.Order); ok {
		return &shop.Reservation{Order: order.GetId()}, nil
	}
	return handle(ctx, request)
}
