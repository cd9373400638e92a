package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	plotWidth     = 64 // columns, without the labels
	rowsPerDecade = 4
)

// plot draws which share of the calls took longer than what time, for both clients one behind the other. Both scales are logarithmic: a tail
// is few calls and much time.
func plot(w io.Writer, waiting, hedging latencies, delay time.Duration) {
	x := axisOf(waiting, hedging)
	decades := int(math.Ceil(math.Log10(float64(max(len(waiting), len(hedging), 10))))) // down to a single call
	drawn := map[rune]bool{}
	var rows strings.Builder
	for row := range decades * rowsPerDecade {
		label := ""
		if row%rowsPerDecade == 0 {
			label = strconv.FormatFloat(100*math.Pow10(-row/rowsPerDecade), 'g', 3, 64) + " %"
		}
		level := math.Pow(10, -(float64(row)+0.5)/rowsPerDecade)
		var line strings.Builder
		for column := range plotWidth {
			at := x.time(float64(column) + 0.5)
			r := cell(waiting.slower(at) >= level, hedging.slower(at) >= level)
			drawn[r] = true
			line.WriteRune(r)
		}
		fmt.Fprintf(&rows, "%8s┤%s\n", label, strings.TrimRight(line.String(), " "))
	}
	fmt.Fprintln(w, "The share of the calls that took longer than so many milliseconds:")
	fmt.Fprint(w, "█ with hedging and without   ░ only without")
	if drawn[onlyHedging] {
		fmt.Fprint(w, "   ▓ only with")
	}
	fmt.Fprintf(w, "\n\n%s%9s%s\n", rows.String(), "└", strings.Repeat("─", plotWidth))
	fmt.Fprintln(w, strings.Repeat(" ", 9)+x.labels())
	if delay > 0 {
		fmt.Fprintln(w, strings.Repeat(" ", 9)+x.mark(delay, fmt.Sprintf("a second copy, after some %s", ms(delay))))
	}
	fmt.Fprintln(w)
}

const (
	both        = '█'
	onlyWaiting = '░'
	onlyHedging = '▓'
)

// cell returns what stands in a cell that one client's curve reaches, or both, or none.
func cell(waiting, hedging bool) rune {
	switch {
	case waiting && hedging:
		return both
	case waiting:
		return onlyWaiting
	case hedging:
		return onlyHedging
	default:
		return ' '
	}
}

// axis is a logarithmic scale of time over the plot's width.
type axis struct{ low, high time.Duration }

// axisOf returns an axis for all calls but the fastest hundredth, from and to a round time.
func axisOf(waiting, hedging latencies) axis {
	a := axis{low: time.Millisecond, high: 10 * time.Millisecond}
	fastest := min(waiting.quantile(10), hedging.quantile(10))
	slowest := max(waiting.quantile(1000), hedging.quantile(1000))
	for _, round := range roundTimes() {
		if round <= fastest {
			a.low = round
		}
		if a.high = round; round >= slowest && round > a.low {
			break
		}
	}
	return a
}

// roundTimes returns 1, 2 and 5 times the powers of ten, from a millisecond to beyond any call.
func roundTimes() (all []time.Duration) {
	for power := time.Millisecond; power < time.Minute; power *= 10 {
		all = append(all, power, 2*power, 5*power)
	}
	return all
}

// column returns where a time is.
func (a axis) column(t time.Duration) int {
	share := math.Log(float64(t)/float64(a.low)) / math.Log(float64(a.high)/float64(a.low))
	return min(max(int(share*plotWidth), 0), plotWidth-1)
}

// time returns the time at a place between columns.
func (a axis) time(column float64) time.Duration {
	return time.Duration(float64(a.low) * math.Pow(float64(a.high)/float64(a.low), column/plotWidth))
}

// labels returns the line below the axis.
func (a axis) labels() string {
	line := ""
	for _, round := range roundTimes() {
		if round >= a.low && round <= a.high {
			line = fmt.Sprintf("%-*s%d", a.column(round), line, round.Milliseconds())
		}
	}
	return line + " ms"
}

// mark returns a line with an arrow below a time, and what it is about on the side where there is room.
func (a axis) mark(t time.Duration, about string) string {
	column := a.column(t)
	if column+2+len(about) <= plotWidth {
		return fmt.Sprintf("%*s %s", column+1, "↑", about)
	}
	return fmt.Sprintf("%*s ↑", column-1, about)
}
