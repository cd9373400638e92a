package main

import (
	"encoding/json"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// takes is how long a host works for an answer.
const takes = 3 * time.Millisecond

// retryAfter is when a host that is busy wants to be asked again.
const retryAfter = time.Second

// A host is a real HTTP server, which follows the script and counts what it has to bear. Each client has hosts of its own, so that none is a
// load for the other.
type host struct {
	*httptest.Server
	name string
	seed uint64
	day  []phase

	mu      sync.Mutex
	current int                 // phase
	counts  []count             // by phase
	visits  map[int]*visit      // by the number of the request
	placed  map[int]int         // how often, by the number of the order
	keys    map[string]struct{} // of orders that are placed
	early   int                 // repeats that came before they were asked to
	heeded  int                 // repeats that came after
}

// A count is what a host had to bear.
type count struct{ requests, connections int }

// A visit is what a host remembers of a request.
type visit struct {
	times int
	after time.Time // it is busy until then; zero where it is not
}

// newHosts returns hosts that listen nowhere yet.
func newHosts(seed uint64, day []phase) (hosts []*host) {
	for i, name := range hostNames() {
		hosts = append(hosts, &host{
			name: name, seed: seed + uint64(i)<<32, day: day, counts: make([]count, len(day)),
			visits: map[int]*visit{}, placed: map[int]int{}, keys: map[string]struct{}{},
		})
	}
	return hosts
}

// serve starts the host. It listens on loopback, on a port of the system's choice.
func (h *host) serve() {
	h.Server = httptest.NewUnstartedServer(h)
	h.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.counts[h.current].connections++
		}
	}
	h.Start()
}

// begin turns to a phase of the day.
func (h *host) begin(phase int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.current = phase
}

// An item is what is asked for, and what an order says.
type item struct {
	Number int `json:"number"`
}

// ServeHTTP answers GET /{number}, and POST with an item.
func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(r.URL.Path[1:])
	if r.Method == http.MethodPost {
		var it item
		err = json.NewDecoder(r.Body).Decode(&it)
		number = it.Number
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	met := h.meet(number)
	if met == busy {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		http.Error(w, "come back later", http.StatusServiceUnavailable)
		return
	}
	if r.Method == http.MethodPost {
		h.place(number, r.Header.Get("Idempotency-Key"))
	}
	switch met {
	case broken:
		reset(w)
	case stuck:
		<-r.Context().Done() // until the client gives up
	default:
		time.Sleep(takes)
		_ = json.NewEncoder(w).Encode(item{number}) // there is nobody to tell
	}
}

// meet counts a request, and returns its fate.
func (h *host) meet(number int) fate {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[h.current].requests++
	v := h.visits[number]
	if v == nil {
		v = new(visit)
		h.visits[number] = v
	}
	switch now := time.Now(); {
	case v.after.IsZero():
	case now.Before(v.after):
		h.early++
	default:
		h.heeded++
	}
	v.times++
	v.after = time.Time{}
	met := h.day[h.current].faults[h.name].meets(rand.New(rand.NewPCG(h.seed, uint64(number)<<16+uint64(v.times))))
	if met == busy {
		v.after = time.Now().Add(retryAfter)
	}
	return met
}

// place places an order: again and again, where it has no key by which it could be known.
func (h *host) place(number int, key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, known := h.keys[key]; known {
		return
	}
	if key != "" {
		h.keys[key] = struct{}{}
	}
	h.placed[number]++
}

// twice returns how many orders were placed more than once.
func (h *host) twice() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, times := range h.placed {
		if times > 1 {
			n++
		}
	}
	return n
}

// reset breaks the connection off in the middle of an answer's header. Had it not begun, net/http would ask again by itself.
func reset(w http.ResponseWriter) {
	conn, out, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = out.WriteString("HTTP/1.1 200 OK\r\n") // the client hears of it
	_ = out.Flush()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // reset, and not just close
	}
	_ = conn.Close()
}
