package telemetry

import (
	"context"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/safemode"
)

// modeOf returns the mode of a policy that is one, or a gate of one.
func modeOf(policy ductile.Policy) *safemode.Mode {
	switch is := policy.(type) {
	case *safemode.Mode:
		return is
	case *safemode.Gate:
		return is.Mode()
	default:
		return nil
	}
}

// modeChanged tells of a safe mode that does something else than before.
func (o *Observer) modeChanged(at where, c safemode.Change) {
	ctx := context.Background()
	if m := o.instruments; m != nil {
		l := labels{
			policy: at.policy, one: label{keyModeWas, c.From.String()}, two: label{keyModeTo, c.To.String()}, three: label{keyModeCause, modeCause(c.Cause)},
		}
		m.modeChanges.Add(ctx, 1, at.series.tags(l).add...)
	}
	if o.noLogs {
		return
	}
	held, ok := o.may(at.series, breakers, time.Now())
	if !ok {
		return
	}
	level := slog.LevelInfo
	if c.To > safemode.Normal {
		level = slog.LevelWarn
	}
	says := []slog.Attr{
		slog.String("pipeline", at.series.pipeline), slog.String("policy", c.Name),
		slog.String("from", c.From.String()), slog.String("to", c.To.String()), slog.String("cause", c.Cause.String()),
	}
	if c.NextTry > 0 {
		says = append(says, slog.Duration("next_try", c.NextTry))
	}
	if c.Share > 0 {
		says = append(says, slog.Float64("share", c.Share))
	}
	if c.Counts.Calls > 0 {
		says = append(says, slog.Uint64("failures", c.Counts.Failures), slog.Uint64("calls", c.Counts.Calls))
	}
	if o.errorText && c.Held && c.Reason != "" {
		says = append(says, slog.String("reason", c.Reason))
	}
	o.write(ctx, level, "ductile: safe mode "+c.To.String(), says, "", held+c.Missed)
}

// trace makes spans of a mode's changes, from the first pipeline on that it is in. The caller holds the registry's mu.
func (o *Observer) trace(m member) {
	mode, ok := m.is.(*safemode.Mode)
	if !ok || o.noTraces || o.followParent { // a change has no parent
		return
	}
	in := o.registry.modes[mode]
	if in == nil {
		in = &membership{stop: mode.Listen(o.modeSpan)}
		o.registry.modes[mode] = in
	}
	in.pipelines++
}

// untrace ends that with the last pipeline. The caller holds mu.
func (r *registry) untrace(m member) {
	mode, _ := m.is.(*safemode.Mode)
	in := r.modes[mode]
	if in == nil {
		return
	}
	if in.pipelines--; in.pipelines == 0 {
		in.stop()
		delete(r.modes, mode)
	}
}

// modeSpan makes a span of a mode's change: without a length, and in a trace of its own, for it is of no call, though one brought it about.
func (o *Observer) modeSpan(c safemode.Change) {
	says := []attribute.KeyValue{
		attribute.String(keyPolicy, c.Name), attribute.String(keyModeWas, c.From.String()), attribute.String(keyModeTo, c.To.String()),
		attribute.String(keyModeCause, modeCause(c.Cause)),
	}
	if c.Share > 0 {
		says = append(says, attribute.Float64(keyModeShare, c.Share))
	}
	_, span := o.tracerNow().Start(context.Background(), modeSpan, trace.WithNewRoot(), trace.WithTimestamp(c.At), trace.WithAttributes(says...))
	span.End(trace.WithTimestamp(c.At))
}

// modeCause is a cause's name in metrics.
func modeCause(c safemode.Cause) string {
	switch c {
	case safemode.CauseHeld:
		return "hand"
	case safemode.CauseDisengaged:
		return "handed_back"
	case safemode.CauseFailureRate:
		return "failures"
	case safemode.CauseProbesFailed, safemode.CauseProbeExpired:
		return "probes_failed"
	case safemode.CauseProbesSucceeded:
		return "probes_succeeded"
	case safemode.CauseStepFailed:
		return "step_failed"
	case safemode.CauseStepSucceeded:
		return "step_succeeded"
	default:
		return "unknown"
	}
}
