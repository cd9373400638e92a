package migrating_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/afex/hystrix-go/hystrix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/timeout"
)

// What docs/migrating/hystrix-go.md says of hystrix-go, and of what takes its place. Its metrics are counted on goroutines that never
// end, so its own stories are not told in bubbles.

// A command whose time is up goes on, with a context that nobody has canceled, and its ticket is somebody else's.
func TestHystrixLetsGoOfWhatIsLate(t *testing.T) {
	hystrix.ConfigureCommand("late", hystrix.CommandConfig{Timeout: 10, MaxConcurrentRequests: 1})
	finish, running := make(chan struct{}), make(chan context.Context, 2)
	var done sync.WaitGroup
	done.Add(2)
	for range 2 {
		err := hystrix.DoC(t.Context(), "late", func(ctx context.Context) error {
			defer done.Done()
			running <- ctx
			<-finish
			return nil
		}, nil)
		require.Equal(t, hystrix.ErrTimeout, err)
	}
	assert.Len(t, running, 2, "two at once, of one")
	for range 2 {
		assert.NoError(t, (<-running).Err())
	}
	close(finish)
	done.Wait()
}

// The errors of a fallback that fails are a text there.
func TestHystrixJoinsErrorsAsText(t *testing.T) {
	err := hystrix.DoC(t.Context(), "text", func(context.Context) error { return errDown },
		func(context.Context, error) error { return errNotFound })
	require.Error(t, err)
	assert.NotErrorIs(t, err, errDown)
	assert.NotErrorIs(t, err, errNotFound)
}

// The number of calls at once is that of the first call for ever; the other settings follow.
func TestHystrixKeepsItsPool(t *testing.T) {
	hystrix.ConfigureCommand("pool", hystrix.CommandConfig{Timeout: 60_000, MaxConcurrentRequests: 1})
	require.NoError(t, hystrix.DoC(t.Context(), "pool", func(context.Context) error { return nil }, nil))
	hystrix.ConfigureCommand("pool", hystrix.CommandConfig{Timeout: 60_000, MaxConcurrentRequests: 2})
	err := hystrix.DoC(t.Context(), "pool", func(context.Context) error {
		return hystrix.DoC(t.Context(), "pool", func(context.Context) error { return nil }, nil)
	}, nil)
	assert.Equal(t, hystrix.ErrMaxConcurrency, err)

	calls := bulkhead.New(1)
	require.NoError(t, calls.Update(bulkhead.Limit(2)))
	p := ductile.New("pool", calls)
	assert.NoError(t, ductile.Run(t.Context(), p, func(ctx context.Context) error {
		return ductile.Run(ctx, p, func(context.Context) error { return nil })
	}))
}

type lines struct {
	mu   sync.Mutex
	text string
}

func (l *lines) Printf(format string, items ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text += fmt.Sprintf(format, items...) + "\n"
}

func (l *lines) contain(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text, text)
}

// A success closes an open circuit there, also of a call that began before it opened.
func TestHystrixClosesOnALateSuccess(t *testing.T) {
	log := new(lines)
	hystrix.SetLogger(log)
	defer hystrix.SetLogger(hystrix.NoopLogger{})
	hystrix.ConfigureCommand("early", hystrix.CommandConfig{Timeout: 600_000, MaxConcurrentRequests: 10})
	began, finish := make(chan struct{}), make(chan struct{})
	early := hystrix.GoC(t.Context(), "early", func(context.Context) error {
		close(began)
		<-finish
		return nil
	}, nil)
	<-began
	var err error
	for !errors.Is(err, hystrix.ErrCircuitOpen) {
		err = hystrix.DoC(t.Context(), "early", func(context.Context) error { return errDown }, nil)
	}
	require.False(t, log.contain("closing circuit early"))
	close(finish)
	for !log.contain("closing circuit early") {
		runtime.Gosched() // it reports on a goroutine of its own
	}
	assert.Empty(t, early)
}

// The breaker that takes the place of the page's command opens where that does, and closes by one probe.
func TestLikeHystrixBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := likeHystrixBreaker()
		p := ductile.New("p", b)
		call := func(end error) error {
			return ductile.Run(t.Context(), p, func(context.Context) error { return end })
		}
		for range 9 {
			require.ErrorIs(t, call(errDown), errDown)
			require.NoError(t, call(nil))
		}
		for range 2 { // the 19th and the 20th
			require.Equal(t, breaker.Closed, b.State())
			require.ErrorIs(t, call(errDown), errDown)
		}
		require.ErrorIs(t, call(nil), breaker.ErrOpen)
		time.Sleep(5 * time.Second)
		require.ErrorIs(t, call(errDown), errDown)
		require.ErrorIs(t, call(nil), breaker.ErrOpen)
		time.Sleep(5 * time.Second)
		require.NoError(t, call(nil))
		assert.Equal(t, breaker.Closed, b.State())
	})
}

// What either says of an error.
func TestHystrixErrors(t *testing.T) {
	for says, errs := range map[string][2]error{
		"open":   {hystrix.ErrCircuitOpen, breaker.ErrOpen},
		"full":   {hystrix.ErrMaxConcurrency, bulkhead.ErrFull},
		"late":   {hystrix.ErrTimeout, timeout.ErrExceeded},
		"failed": {errDown, errDown},
	} {
		assert.Equal(t, says, hystrixWhy(errs[0]))
		assert.Equal(t, says, why(errs[1]))
	}
}

// Without waiting for the command, and with one's own goroutine.
func TestHystrixGo(t *testing.T) {
	configure()
	works := func() *warehouse { return &warehouse{ends: []error{nil}} }
	theirs, err := hystrixGo(works())
	require.NoError(t, err)
	ours, err := likeHystrixGo(likeHystrixCommand(), works())
	require.NoError(t, err)
	assert.Equal(t, theirs, ours)
	_, err = hystrixGo(down())
	assert.Equal(t, errDown, err)
}

// What is shown to who asks.
func TestHystrixStatus(t *testing.T) {
	mux := http.NewServeMux()
	stream(mux).Stop()
	b := likeHystrixBreaker()
	b.Isolate("maintenance")
	status(mux, b, bulkhead.New(64))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/status", http.NoBody))
	assert.Contains(t, w.Body.String(), `"state":"isolated"`)
	assert.Contains(t, w.Body.String(), `"Limit":64`)
}
