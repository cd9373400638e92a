package telemetry

import (
	"context"
	"log/slog"
	"time"

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
