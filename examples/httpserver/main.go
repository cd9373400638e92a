// Httpserver shows what it is worth to refuse requests: two servers with the same handler get the same requests, from half of what they
// can serve to three times as much. One is bare and takes all, the other refuses what is too much. It takes thirteen seconds, and exits
// non-zero if the protected server does not keep what it promises.
//
//	go run ./examples/httpserver
//	go run ./examples/httpserver -limit 8     # nobody waits: the fastest answers, and more refusals
//	go run ./examples/httpserver -limit 100   # too many: who is served is served too late, as by the bare server
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/standard"
)

// protect is all that a server needs: a pipeline, and a handler behind it.
func protect(checkout http.Handler, limit int) (http.Handler, *ductile.Pipeline) {
	p := standard.Server("checkout", standard.Bulkhead(limit), standard.Total(patience))
	return ductilehttp.Handler(checkout, p, ductilehttp.OnReject(busy)), p
}

// busy answers a request that is refused. Without it that would be a 503 all the same, but one that does not say when to come back: a
// bulkhead does not know when there will be room.
func busy(w http.ResponseWriter, _ *http.Request, _ error) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, "too many customers", http.StatusServiceUnavailable)
}

// preset is how many requests the protected server handles at once: one for each connection of its database, and as many that wait for
// one. So nobody waits for longer than a query takes.
const preset = 2 * connections

func main() {
	limit := flag.Int("limit", preset, "how many requests the protected server handles at once")
	flag.Parse()
	if err := bulkhead.Validate(*limit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if !compare(*limit) {
		os.Exit(1)
	}
}

// compare has both servers meet all loads, shows what happened, and reports whether no promise was broken.
func compare(limit int) bool {
	unprotected, shop := newShop(), newShop()
	handler, pipeline := protect(shop, limit)
	bare, protected := serve(unprotected, unprotected), serve(shop, handler)
	defer bare.stop()
	defer protected.stop()

	introduce(os.Stdout, pipeline)
	r := run(os.Stdout, bare, protected, limit)
	tell(os.Stdout, r)
	return promises(os.Stdout, r)
}
