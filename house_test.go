package ductile_test

import (
	"slices"
	"testing"
)

// The rules of the house. Each is here as data: its reason, which is printed where it is broken; what it excuses, and why; and
// sources that break it, because a rule that cannot fail keeps nothing. house_rules_test.go has how each is found broken.

// A rule of the house.
type rule struct {
	name string
	why  string
	// broken returns what breaks the rule in t, each with its place.
	broken func(r rule, t tree) []string
	// excuses names what may break the rule after all, and why. An excuse that nothing needs any more is an error too.
	excuses map[string]string
	// bad has trees that break the rule, good ones that come close and do not.
	bad, good []files
}

// files are the texts of a tree by their path.
type files map[string]string

// A room is a directory at the root, with the floor it is on. Arrows point down.
var rooms = map[string]int{
	"fault": 0, "budget": 0, "internal": 0, // what all the others talk in
	"breaker": 1, "retry": 1, "bulkhead": 1, "ratelimit": 1, "timeout": 1, "fallback": 1, "safemode": 1, "hedge": 1, // one policy each
	".":         2,                                // the driver
	"telemetry": 3, "status": 3, "ductiletest": 3, // what watches it, and what others test their own policies with
	"standard": 3, "keyed": 3, // pipelines that are ready, and many of them
	"ductilehttp": 4, "ductilegrpc": 4, // where it meets a protocol
	"examples": 5, "benchmarks": 5, "docs": 5, // who uses it
}

// A library is a package of others that one room may import, outside tests, with everything below it but what without says.
type library struct {
	room, path, why string
	without         []string
}

var libraries = []library{
	{room: "breaker/gobreakeradapter", path: "github.com/sony/gobreaker/v2", why: "it makes that breaker a policy"},
	{room: "ratelimit", path: "golang.org/x/time/rate", why: "the limiter that users have already"},
	{
		room: "telemetry", path: "go.opentelemetry.io/otel", why: "the API; which SDK receives it is the program's choice",
		without: []string{"go.opentelemetry.io/otel/sdk", "go.opentelemetry.io/otel/exporters"},
	},
	{room: "ductilegrpc", path: "google.golang.org/grpc", why: "what it adapts to, and the reason for its own module"},
	{room: "ductilegrpc", path: "google.golang.org/protobuf", why: "the messages of gRPC, which requires it"},
	{room: "ductilegrpc", path: "google.golang.org/genproto/googleapis/rpc", why: "RetryInfo, the detail of a status; gRPC requires it"},
	{room: "examples", path: "", why: "a program may use anything"},
	{room: "benchmarks", path: "", why: "the peers are measured there"},
}

// The modules that the root's go.mod may require. Users of any package of it see all of them in their module graph.
var requirements = map[string]string{
	"github.com/sony/gobreaker/v2":        "breaker/gobreakeradapter, and the oracle of the breaker's differential test",
	"golang.org/x/time":                   "ratelimit",
	"go.opentelemetry.io/otel":            "telemetry",
	"go.opentelemetry.io/otel/metric":     "telemetry",
	"go.opentelemetry.io/otel/trace":      "telemetry",
	"go.opentelemetry.io/otel/sdk":        "tests of telemetry",
	"go.opentelemetry.io/otel/sdk/metric": "tests of telemetry",
	"go.opentelemetry.io/otel/log":        "the otel SDK of the tests requires it",
	"go.opentelemetry.io/auto/sdk":        "otel requires it",
	"github.com/go-logr/logr":             "otel requires it",
	"github.com/go-logr/stdr":             "otel requires it",
	"github.com/cespare/xxhash/v2":        "otel requires it",
	"github.com/google/uuid":              "the otel SDK of the tests requires it",
	"golang.org/x/sys":                    "the otel SDK of the tests requires it",
	"github.com/cenkalti/backoff/v4":      "tests: its schedules and its Permanent are taken structurally",
	"github.com/stretchr/testify":         "tests: assertions",
	"go.yaml.in/yaml/v3":                  "testify requires it",
	"pgregory.net/rapid":                  "tests: state machines",
	"go.uber.org/goleak":                  "tests: leaks",
	"github.com/anishathalye/porcupine":   "tests: linearizability",
}

const us = "github.com/ductile-go/ductile"

var house = []rule{
	{
		name:   "arrows point down",
		why:    "who knows only what is below can be read, tested and changed without what is above; a room beside is not below",
		broken: upward,
		bad: []files{
			{"fault/a.go": `package fault; import _ "` + us + `/retry"`},
			{"internal/x/a.go": `package x; import _ "` + us + `"`},
			{"breaker/a.go": `package breaker; import _ "` + us + `/retry"`},
			{"breaker/sub/a.go": `package sub; import _ "` + us + `"`},
			{"telemetry/a.go": `package telemetry; import _ "` + us + `/ductilehttp"`},
			{"attic/a.go": `package attic`},
		},
		good: []files{
			{"budget/a.go": `package budget; import _ "` + us + `/internal/rolling"`},
			{"breaker/sub/a.go": `package sub; import _ "` + us + `/breaker"`},
			{"breaker/a_test.go": `package breaker_test; import _ "` + us + `"`},
			{"examples/x/a.go": `package main; import _ "` + us + `/standard"`},
		},
	},
	{
		name:   "the root knows no policy",
		why:    "a policy of one's own is worth as much as ours only while the driver knows the shapes and nothing else",
		broken: rootImportsLeaf,
		bad:    []files{{"a.go": `package ductile; import _ "` + us + `/retry"`}, {"a.go": `package ductile; import _ "` + us + `/breaker/sub"`}},
		good: []files{
			{"a.go": `package ductile; import _ "` + us + `/fault"`},
			{"a_test.go": `package ductile_test; import _ "` + us + `/retry"`},
		},
	},
	{
		name:   "libraries stay in their room",
		why:    "whoever imports one policy must not get the libraries of another, nor an SDK",
		broken: strangers,
		bad: []files{
			{"breaker/a.go": `package breaker; import _ "github.com/sony/gobreaker/v2"`},
			{"fault/a.go": `package fault; import _ "github.com/cenkalti/backoff/v4"`},
			{"telemetry/a.go": `package telemetry; import _ "go.opentelemetry.io/otel/sdk/trace"`},
			{"a.go": `package ductile; import _ "go.opentelemetry.io/otel"`},
		},
		good: []files{
			{"breaker/gobreakeradapter/a.go": `package gobreakeradapter; import _ "github.com/sony/gobreaker/v2"`},
			{"telemetry/a.go": `package telemetry; import _ "go.opentelemetry.io/otel/trace"`},
			{"telemetry/a_test.go": `package telemetry; import _ "go.opentelemetry.io/otel/sdk/trace"`},
			{"retry/a_test.go": `package retry; import _ "github.com/cenkalti/backoff/v4"`},
		},
	},
	{
		name:   "no gRPC in the root module",
		why:    "gRPC brings modules of its own; only those who use it should have them, so it has a module of its own, tests included",
		broken: grpc,
		bad: []files{
			{"go.mod": "module " + us, "ductilehttp/a_test.go": `package ductilehttp; import _ "google.golang.org/grpc/codes"`},
			{"go.mod": "module " + us + "\nrequire google.golang.org/grpc v1.0.0"},
			{"go.mod": "module " + us + "\nrequire (\n\tgoogle.golang.org/grpc v1.0.0 // indirect\n)"},
		},
		good: []files{{
			"go.mod": "module " + us, "ductilegrpc/go.mod": "module " + us + "/ductilegrpc\nrequire google.golang.org/grpc v1.0.0",
			"ductilegrpc/a.go": `package ductilegrpc; import _ "google.golang.org/grpc"`,
		}},
	},
	{
		name:   "the root requires what is listed",
		why:    "each requirement reaches every user's module graph, so each is a decision",
		broken: required,
		bad: []files{
			{"go.mod": "module " + us + "\nrequire github.com/failsafe-go/failsafe-go v0.9.8"},
			{"go.mod": "module " + us + "\nrequire (\n\tgithub.com/stretchr/testify v1.0.0\n\texample.com/x v1.0.0 // indirect\n)"},
		},
		good: []files{
			{"go.mod": "module " + us + "\nrequire github.com/stretchr/testify v1.0.0 // a comment"},
			{"go.mod": "module " + us, "benchmarks/go.mod": "module " + us + "/benchmarks\nrequire github.com/failsafe-go/failsafe-go v0.9.8"},
		},
	},
	{
		name:   "the workspace has every module",
		why:    "what is run from the root, tests and linters too, reaches a module only through go.work",
		broken: homeless,
		bad:    []files{{"go.work": "go 1.26\nuse .", "go.mod": "module " + us, "examples/go.mod": "module " + us + "/examples"}},
		good:   []files{{"go.work": "go 1.26\nuse (\n\t.\n\t./examples\n)", "go.mod": "module " + us, "examples/go.mod": "module x"}},
	},
	{
		name:   "everything exported is documented",
		why:    "what has no comment has no contract. A field or a method of an interface may be explained, by its name, in its type's comment",
		broken: undocumented,
		bad: []files{
			{"a.go": "package ductile\nfunc Do() {}"},
			{"a.go": "package ductile\n// T is.\ntype T int\nfunc (*T) Do() {}"},
			{"a.go": "package ductile\n// T is.\ntype T[V any] struct{ v V }\nfunc (T[V]) Do() {}"},
			{"a.go": "package ductile\ntype T int"},
			{"a.go": "package ductile\nconst C = 1"},
			{"a.go": "package ductile\nvar (\n\tErrA error\n)"},
			{"a.go": "package ductile\n// T is.\ntype T struct{ Field int }"},
			{"a.go": "package ductile\n// T is.\ntype T interface{ Method() }"},
		},
		good: []files{
			{"a.go": "package ductile\n// T has a Field.\ntype T struct{ Field, hidden int }"},
			{"a.go": "package ductile\n// T is.\ntype T interface {\n\t// Method does.\n\tMethod()\n}"},
			{"a.go": "package ductile\n// The ends.\nconst (\n\tA = iota\n\tB\n)"},
			{"a.go": "package ductile\ntype t int\nfunc (t) Error() string { return \"\" }"},
			{"a_test.go": "package ductile\nfunc Helper() {}"},
			{"internal/x/a.go": "package x\n// A is.\nvar A = 1"},
		},
	},
	{
		name:   "a package has one package comment",
		why:    "it is the first thing read; two of them are joined in the order of file names, which nobody meant",
		broken: packageComments,
		bad: []files{
			{"fault/a.go": "package fault"},
			{"fault/a.go": "// Package fault is.\npackage fault", "fault/b.go": "// Package fault is not.\npackage fault"},
		},
		good: []files{
			{"fault/a.go": "// Package fault is.\npackage fault", "fault/b.go": "package fault", "fault/a_test.go": "// Here.\npackage fault_test"},
			{"benchmarks/a_test.go": "package benchmarks"},
		},
	},
	{
		name: "no state at package level",
		why: "two users in one program would share it without knowing. Errors that are only compared are no state; " +
			"a table that nothing writes needs an excuse, since the compiler does not keep it so",
		broken: packageState,
		excuses: map[string]string{
			"fault/names":        "the names of the classes, an array that nothing writes",
			"retry/full":         "a jitter, a value that is copied where it is used",
			"breaker/stateNames": "the names of the states, an array that nothing writes",
			"breaker/causeNames": "as breaker/stateNames",
			"retry/equal":        "as retry/full",
			"retry/exact":        "as retry/full",
		},
		bad: []files{
			{"a.go": "package ductile; var count int"},
			{"a.go": "package ductile; var cache = map[string]int{}"},
			{"a.go": "package ductile; import \"sync\"; var mu sync.Mutex"},
			{"a.go": "package ductile; var errs = map[string]error{}"},
			{"a.go": "package ductile; var errCount = 1"},
			{"ductilegrpc/a.go": "package ductilegrpc; var Default = new(int)"},
		},
		good: []files{
			{"a.go": "package ductile; var _ Gate = gate{}"},
			{"a.go": "package ductile; import \"errors\"; var ErrX = errors.New(\"x\")"},
			{"a.go": "package ductile; var ErrX error = &end{}"},
			{"a.go": "package ductile; var errX = &end{}"},
			{"a.go": "package ductile; var ( errA, errB = errors.New(\"a\"), fmt.Errorf(\"b\") )"},
			{"a_test.go": "package ductile; var count int"},
			{"examples/x/main.go": "package main; var count int"},
		},
	},
	{
		name:   "no init",
		why:    "an import must cost nothing and do nothing",
		broken: inits,
		bad:    []files{{"fault/a.go": "package fault; func init() {}"}},
		good:   []files{{"fault/a.go": "package fault; type t int; func (t) init() {}"}, {"a_test.go": "package ductile; func init() {}"}},
	},
	{
		name: "goroutines are announced",
		why: "a call leaves nothing running behind it unless its caller asked for that, so each place that starts a goroutine says " +
			"here who ends it",
		broken: goroutines,
		excuses: map[string]string{
			"race.run":                          "the first copy of a call whose caller must be able to leave; it ends when fn has honored its cancellation",
			"ductiletest/trial.spawn":           "a goroutine of a test, which the test waits for",
			"ductiletest/apart":                 "a story of a test, or a call in it, for which the test waits until its patience is at an end, or a call of a simulation, which waits for all of them",
			"ductiletest/soon":                  "a timer of a test, which runs out in a moment",
			"ductilehttp/Transport.discard":     "a timer that ends the draining of a body, stopped when that is over",
			"ductilehttp/Transport.readAhead":   "reads a failed answer that comes slowly; it ends with the body, its Close, or its attempt's context",
			"ductilehttp/exchange.keep":         "closes a body that is read into memory when the attempt's context ends, stopped when it is read",
			"ductilegrpc/ductilegrpctest/apart": "a visit of a test, for which the test waits until its patience is at an end",
			"ductilegrpc/Client.Stream":         "takes a stream through its pipeline; it ends with the stream",
			"ductilegrpc/streamWithin.pass":     "receives or sends for a handler that must be able to leave; it ends with the handler, and what it is in then with the stream",
			"race.arm":                          "a timer for the next copy, stopped when the race is over; a copy ends when fn has honored its cancellation",
		},
		bad: []files{
			{"a.go": "package ductile; func f() { go f() }"},
			{"a.go": "package ductile; var f = func() { go f() }"},
			{"a.go": "package ductile; func f() { time.AfterFunc(1, f) }"},
			{"a.go": "package ductile; func f() { context.AfterFunc(nil, f) }"},
			{"a.go": "package ductile; func f() { var g sync.WaitGroup; g.Go(f) }"},
		},
		good: []files{{"a.go": "package ductile; func f() { f() }"}, {"a_test.go": "package ductile; func f() { go f() }"}},
	},
	{
		name:   "a name says what it names",
		why:    "a package called util is about nothing, so everything fits and nothing is found",
		broken: emptyNames,
		bad: []files{
			{"internal/util/a.go": "package util"}, {"internal/httphelper/a.go": "package httphelper"}, {"x/common/a.go": "package x"},
			{"examples/a.go": "package manager"}, {"fault/a_test.go": "package helpers_test"},
		},
		good: []files{{"fault/a.go": "package fault"}, {"internal/helper_test.go": "package internal"}},
	},
	{
		name:   "a file is read in one sitting",
		why:    "most files are under 200 lines and none above 350; a longer one holds two thoughts",
		broken: long,
		bad: []files{
			{"a.go": "package ductile" + lines(360)},
			{"a.go": "package ductile" + lines(250), "b.go": "package ductile" + lines(250), "c.go": "package ductile"},
		},
		good: []files{{"a.go": "package ductile" + lines(300), "b.go": "package ductile", "c.go": "package ductile", "a_test.go": "package ductile" + lines(900)}},
	},
	{
		name:   "a test's file says its kind",
		why:    "make stress and make fuzz find their tests by name, and a reader finds the kind he looks for by file",
		broken: misplacedTests,
		bad: []files{
			{"a_test.go": "package ductile; func TestStressGate(t *testing.T) {}"},
			{"a_stress_test.go": "package ductile; func TestGate(t *testing.T) {}"},
			{"a_test.go": "package ductile; func FuzzGate(f *testing.F) {}"},
			{"a_test.go": "package ductile; func ExampleDo() {}"},
			{"a_test.go": "package ductile; func TestGate(t *testing.T) { rapid.Check(t, nil) }"},
		},
		good: []files{
			{"a_stress_test.go": "package ductile; func TestGateUnderStress(t *testing.T) {}"},
			{"a_fuzz_test.go": "package ductile; func FuzzGate(f *testing.F) {}; func TestSeeds(t *testing.T) {}"},
			{"example_test.go": "package ductile_test; func Example() {}", "a_example_test.go": "package ductile_test; func ExampleDo() {}"},
			{"a_property_test.go": "package ductile; func TestGate(t *testing.T) { rapid.Check(t, nil) }"},
			{"a_test.go": "package ductile; func TestStresses(t *testing.T) {}; func TestMain(m *testing.M) {}"},
		},
	},
}

func TestHouse(t *testing.T) {
	built := load(t)
	for _, r := range house {
		t.Run(r.name, func(t *testing.T) {
			for _, what := range r.broken(r, built) {
				t.Error(what)
			}
			if t.Failed() {
				t.Logf("why: %s", r.why)
			}
		})
	}
}

func TestHouseExcuses(t *testing.T) {
	built := load(t)
	for _, r := range house {
		for excused, reason := range r.excuses {
			without := r
			without.excuses = nil
			found := without.broken(without, built)
			if !slices.ContainsFunc(found, func(what string) bool { return named(what, excused) }) {
				t.Errorf("%s: nothing needs the excuse of %s any more (%s): take it out", r.name, excused, reason)
			}
			if reason == "" {
				t.Errorf("%s: %s is excused without a reason", r.name, excused)
			}
		}
	}
}

func TestHouseCanFail(t *testing.T) {
	for _, r := range house {
		t.Run(r.name, func(t *testing.T) {
			if r.why == "" || len(r.bad) == 0 || len(r.good) == 0 {
				t.Fatal("a rule has a reason, sources that break it and sources that do not")
			}
			for _, texts := range r.bad {
				if len(r.broken(r, parse(t, texts))) == 0 {
					t.Errorf("should be found broken in %q", texts)
				}
			}
			for _, texts := range r.good {
				for _, what := range r.broken(r, parse(t, texts)) {
					t.Errorf("%s: should be fine: %q", what, texts)
				}
			}
		})
	}
}
