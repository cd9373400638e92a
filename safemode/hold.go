package safemode

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Engage puts the service into safe mode for a reason, and keeps it there until [Mode.Disengage]: Hold(Safe, reason).
func (m *Mode) Engage(reason string) { m.Hold(Safe, reason) }

// Hold puts the service at a level and keeps it there, whatever the automatic thinks, until [Mode.Disengage] or another Hold.
// Hold(Normal, reason) keeps the automatic off. Callers, listeners and telemetry are told the reason; of a long one, the first 200 bytes.
// To hold again what is held already, for the same reason, changes nothing. It panics on a level that there is not.
//
// Calls that are under way go on.
func (m *Mode) Hold(level Level, reason string) {
	if !level.valid() {
		panic(refuseLevel("Hold", level))
	}
	reason = tidy(reason)
	m.order(&phase{level: level, cause: CauseHeld, held: true, reason: reason}, func(p *phase) bool {
		return p.held && p.level == level && p.reason == reason
	})
}

// Disengage ends what Engage and Hold began, and what the automatic did as well: the service is normal at once, without probes, and an
// automatic mode decides from here on by fresh evidence. Where nobody holds a mode that is normal, it changes nothing.
func (m *Mode) Disengage() {
	m.order(&phase{level: Normal, cause: CauseDisengaged}, func(p *phase) bool { return !p.held && p.level == Normal })
}

// order changes the level by a person's word, unless it is so already.
func (m *Mode) order(next *phase, already func(*phase) bool) {
	m.mu.Lock()
	now := m.now()
	m.advance(now)
	if p := m.current.Load(); !already(p) {
		m.memory.calm = 0
		next.since, next.auto = now, p.auto
		m.enter(next, Change{})
	}
	m.mu.Unlock()
	m.deliver()
}

// mostReason is how many bytes of a reason are kept: it is in every refusal, and in telemetry.
const mostReason = 200

// tidy makes a reason fit for a line of log, and no longer than it may be.
func tidy(reason string) string {
	if len(reason) > 4*mostReason { // what is long is not read to its end
		reason = reason[:4*mostReason]
	}
	reason = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(reason, ""))
	reason = strings.TrimSpace(reason)
	if len(reason) <= mostReason {
		return strings.Clone(reason)
	}
	const more = "…"
	end := mostReason - len(more)
	for !utf8.RuneStart(reason[end]) {
		end--
	}
	return strings.TrimSpace(reason[:end]) + more
}
