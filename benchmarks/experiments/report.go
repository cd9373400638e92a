package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// width is how many columns a terminal has that everybody can read.
const width = 100

// tell prints what an experiment has found.
func tell(w io.Writer, e Experiment, f *Findings) {
	fmt.Fprintln(w)
	wrap(w, "", e.Name+": "+e.Title)
	wrap(w, "  ", "source: "+e.Source)
	for _, line := range whole(e.Setup) {
		wrap(w, "  ", line)
	}
	wrap(w, "  ", fmt.Sprintf("seeds %d to %d, %v", f.Seeds[0], f.Seeds[1], f.Took.Round(100*time.Millisecond)))
	fmt.Fprintln(w)
	results(w, f.Results)
	for _, o := range f.Orders {
		wrap(w, "  ", word(o.Passed)+"  "+o.What)
	}
	fmt.Fprintln(w)
}

func word(passed bool) string {
	if passed {
		return "pass"
	}
	return "FAIL"
}

// whole joins lines with those that go on with them, which are indented.
func whole(lines []string) (all []string) {
	for _, line := range lines {
		if more, goesOn := strings.CutPrefix(line, "  "); goesOn && len(all) > 0 {
			all[len(all)-1] += " " + more
		} else {
			all = append(all, line)
		}
	}
	return all
}

// wrap prints a paragraph, which is indented by more from the second line on.
func wrap(w io.Writer, indent, text string) {
	line, begun := indent, false
	for word := range strings.SplitSeq(text, " ") {
		switch {
		case !begun:
			line += word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			fmt.Fprintln(w, line)
			line = indent + "  " + word
		default:
			line += " " + word
		}
		begun = true
	}
	fmt.Fprintln(w, line)
}

// results prints results in groups: under each contestant what was measured, or under that the contestants, whichever makes fewer. A reference that
// does not fit beside what was measured is on a line of its own.
func results(w io.Writer, all []Result) {
	group, label := func(r Result) (string, string) { return r.Who, r.What }, "what"
	if by := func(r Result) (string, string) { return r.What, r.Who }; changes(all, by) < changes(all, group) {
		group, label = by, "who"
	}
	rows := [][4]string{{"", label, "measured (95 %)", "seeds"}}
	for _, r := range all {
		_, name := group(r)
		rows = append(rows, [4]string{r.verdict(), name, r.Got.String(), r.Got.seeds()})
	}
	var widths [4]int
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	line := func(row [4]string, beside string) {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString("  " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
		}
		text := b.String()
		if utf8.RuneCountInString(text)+2+utf8.RuneCountInString(beside) <= width {
			fmt.Fprintln(w, strings.TrimRight(text+"  "+beside, " "))
			return
		}
		fmt.Fprintln(w, strings.TrimRight(text, " "))
		wrap(w, strings.Repeat(" ", widths[0]+6), beside)
	}
	line(rows[0], "reference")
	last := ""
	for i, r := range all {
		if heading, _ := group(r); heading != last {
			wrap(w, "  ", heading)
			last = heading
		}
		line(rows[i+1], r.reference())
	}
}

// changes counts how often a group ends.
func changes(all []Result, group func(Result) (string, string)) (n int) {
	for i := range all[:max(len(all)-1, 0)] {
		this, _ := group(all[i])
		if next, _ := group(all[i+1]); this != next {
			n++
		}
	}
	return n
}

// verdict is a word, or nothing where nothing is judged.
func (r Result) verdict() string {
	if r.Within == "" {
		return ""
	}
	return word(r.Passed)
}

// reference says what a result is compared with, how near it has to be, and where that is from.
func (r Result) reference() string {
	switch {
	case r.From == "":
		return ""
	case r.Reference == "–":
		return r.From
	case r.Within == "" || r.Within == bounds:
		return r.Reference + ", " + r.From
	case r.Within == exact:
		return r.Reference + " exactly, " + r.From
	default:
		return r.Reference + " ± " + r.Within + ", " + r.From
	}
}
