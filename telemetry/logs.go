package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
)

func (o *Observer) log() *slog.Logger {
	if o.logger != nil {
		return o.logger
	}
	return slog.Default()
}

// changed tells of a breaker that has changed its state.
func (o *Observer) changed(at where, t breaker.Transition) {
	ctx := context.Background()
	if m := o.instruments; m != nil {
		l := labels{policy: at.policy, one: label{keyTransitionWas, t.From.String()}, two: label{keyTransitionTo, t.To.String()}}
		m.transitions.Add(ctx, 1, at.series.tags(l).add...)
	}
	if o.noLogs {
		return
	}
	held, ok := o.may(at.series, breakers, time.Now())
	if !ok {
		return
	}
	level := slog.LevelInfo
	if t.To == breaker.Open || t.To == breaker.Isolated {
		level = slog.LevelWarn
	}
	says := []slog.Attr{
		slog.String("pipeline", at.series.pipeline), slog.String("policy", t.Name),
		slog.String("from", t.From.String()), slog.String("to", t.To.String()), slog.String("cause", t.Cause.String()),
	}
	if t.To == breaker.Open {
		says = append(says, slog.Duration("next_probe", t.NextProbe), slog.Uint64("failures", t.Counts.Failures), slog.Uint64("calls", t.Counts.Calls))
	}
	if o.errorText && t.Reason != "" {
		says = append(says, slog.String("reason", t.Reason))
	}
	o.write(ctx, level, "ductile: breaker "+t.To.String(), says, o.text(t.Err), held+t.Missed)
}

// said is what a line says of what happened in a call.
type said struct {
	attempts int
	rejected []string
	stopped  string
	fallback string
}

// said returns that. The caller holds mu.
func (c *call) said() said {
	return said{c.attempts, slices.Clip(c.rejected), c.stopped, c.fallback}
}

// logEnd tells of a call that has failed, or was answered by a fallback.
func (o *Observer) logEnd(ctx context.Context, s *series, e ductile.Ended, how outcome, is said) {
	if o.noLogs {
		return
	}
	if !isError(e.Class) && how != degraded {
		o.logRest(ctx, s)
		return
	}
	held, ok := o.may(s, calls, time.Now())
	if !ok {
		return
	}
	text := "ductile: call failed"
	says := []slog.Attr{slog.String("pipeline", s.pipeline), slog.String("outcome", how.String()), slog.Int("attempts", is.attempts)}
	if len(is.rejected) > 0 {
		says = append(says, slog.Any("rejected_by", slices.Clone(is.rejected)))
	}
	if is.stopped != "" {
		says = append(says, slog.String("retry_stopped", is.stopped))
	}
	if how == degraded {
		text = "ductile: call answered by a fallback"
		says = append(says, slog.String("answered_by", is.fallback))
	}
	o.write(ctx, slog.LevelWarn, text, says, o.text(e.Err), held)
}

// logRest says, when all is well again, what was held back and nothing else has said.
func (o *Observer) logRest(ctx context.Context, s *series) {
	for about := range subjects {
		if held := o.rest(s, about); held > 0 {
			text := [subjects]string{
				calls: "ductile: more calls had failed", breakers: "ductile: more breakers or safe modes had changed", panics: "ductile: more copies had panicked",
			}[about]
			o.write(ctx, slog.LevelInfo, text, []slog.Attr{slog.String("pipeline", s.pipeline)}, "", held)
		}
	}
}

// logContained tells of a panic that nobody else hears of.
func (o *Observer) logContained(ctx context.Context, s *series, e ductile.Contained) {
	if o.noLogs {
		return
	}
	held, ok := o.may(s, panics, time.Now())
	if !ok {
		return
	}
	says := []slog.Attr{slog.String("pipeline", s.pipeline), slog.String("policy", e.Policy), slog.String("type", fmt.Sprintf("%T", e.Panic.Value))}
	if o.errorText {
		says = append(says, slog.String("panic", fmt.Sprint(e.Panic.Value)), slog.String("stack", string(e.Panic.Stack)))
	}
	o.write(ctx, slog.LevelError, "ductile: a copy that nobody waited for has panicked", says, "", held)
}

// write writes a line, with an error's text and how many lines were held back before it, if there are any.
func (o *Observer) write(ctx context.Context, level slog.Level, text string, says []slog.Attr, err string, held uint64) {
	if err != "" {
		says = append(says, slog.String("error", err))
	}
	if held > 0 {
		says = append(says, slog.Uint64("held_back", held))
	}
	o.log().LogAttrs(ctx, level, text, says...)
}
