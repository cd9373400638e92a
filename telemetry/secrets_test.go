package telemetry_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/trace"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/telemetry"
)

func spanOf(ctx context.Context) trace.SpanContext { return trace.SpanContextFromContext(ctx) }

// everything returns all that a scene received, as text.
func (s *scene) everything() string {
	var b strings.Builder
	for _, span := range s.spans.Ended() {
		fmt.Fprintf(&b, "%+v %+v %+v %+v\n", span.Name(), span.Attributes(), span.Events(), span.Status())
	}
	fmt.Fprintf(&b, "%+v\n", s.metrics())
	return b.String() + strings.Join(s.logs.lines(), "\n")
}

// No text of an error or of a panic is anywhere, whatever happens, unless it was asked for.
func TestSecrets(t *testing.T) {
	for _, is := range stories {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t)
			is.tell(s)
			synctest.Wait()
			all := s.everything()
			assert.NotContains(t, all, "secret", is.name)
			assert.Contains(t, all, "call")
		})
	}
}

// Where it was asked for it is in the status of spans and in logs, and still in no metric.
func TestErrorText(t *testing.T) {
	for story, want := range map[string][2]string{ // in the spans, in the logs
		"a hedge that fails":       {"outcome=transient error.type=transient ERROR(password=secret refused)", `error="password=secret refused"`},
		"a panic":                  {"ERROR(the call panicked)", `error="the call panicked"`},
		"open, without a fallback": {"error.type=rejected ERROR(", `reason="secret maintenance"`},
		"fallback on open":         {"ERROR(password=secret refused)", `calls=1 error="password=secret refused"`},
		"a panic that is contained while the call goes on": {"outcome=success", `type=*errors.errorString panic="password=secret refused" stack="goroutine`},
		"the caller's cancellation":                        {"outcome=canceled\n", ""},
	} {
		t.Run(story, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := told(t, story, newScene(t, telemetry.WithErrorText()))
				synctest.Wait()
				assert.Contains(t, s.tree(), want[0])
				assert.Contains(t, strings.Join(s.logs.lines(), "\n"), want[1])
				assert.NotContains(t, fmt.Sprint(s.metrics()), "secret")
			})
		})
	}
}

// An error whose text panics breaks nothing: the span ends, and the program goes on.
func TestTextThatPanics(t *testing.T) {
	s := newScene(t, telemetry.WithErrorText())
	_, err := ductile.Do(ctx, s.pipeline(), func(context.Context) (int, error) { return 0, broken{} })
	assert.Equal(t, broken{}, err)
	assert.Len(t, s.spans.Ended(), 2)
	assert.Contains(t, s.tree(), "PANIC")
	assert.Contains(t, strings.Join(s.logs.lines(), "\n"), "PANIC")
}

type broken struct{}

func (broken) Error() string { panic("no text") }
