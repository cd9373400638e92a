package benchmarks

// Features are what peers have, or do not, in few words.
var Features = []string{"stack", "breaker", "retry", "bulkhead", "limit", "hedge", "http", "server", "grpc"}

// Unmeasured are features that peers have, and that no path shows, as read on 2026-11-22 in their source at the versions of go.mod.
var Unmeasured = map[string][]string{
	"hystrix-go": {"bulkhead"}, "aegis": {"limit"}, "go-zero": {"retry", "bulkhead", "limit", "http", "server", "grpc"},
	"go-grpc-middleware": {"retry", "limit"},
	"hedgedhttp":         {"http"}, "bhope/hedge": {"http"}, "retryablehttp": {"retry"},
}

// Peers are the modules that are measured beside ours, and what they are measured through.
var Peers = []string{
	"github.com/failsafe-go/failsafe-go", "github.com/sony/gobreaker/v2", "github.com/cenkalti/backoff/v4", "github.com/cenkalti/backoff/v6",
	"github.com/avast/retry-go/v5", "github.com/sethvargo/go-retry", "github.com/eapache/go-resiliency", "github.com/afex/hystrix-go",
	"github.com/go-kratos/aegis", "github.com/zeromicro/go-zero", "github.com/cristalhq/hedgedhttp", "github.com/bhope/hedge",
	"github.com/hashicorp/go-retryablehttp", "github.com/grpc-ecosystem/go-grpc-middleware/v2", "google.golang.org/grpc",
	"golang.org/x/sync", "golang.org/x/time",
}

// An Absence is a peer that is not measured, and why.
type Absence struct{ Peer, Why string }

// Absent are the peers that could not be had.
var Absent = []Absence{
	{"aponysus/recourse", "could not be had: the module proxy answered 403"},
	{"cep21/circuit v4", "could not be had: the module proxy answered 403"},
}
