package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// checked is when the libraries were read.
const checked = "2026-11-22"

const intro = `# Ductile and its peers: who has what

For whoever has to choose. A cell says what was found: "none" where there is nothing of the kind, "no" where the source does otherwise. Under each
table it is said where that is read: a file and a phrase in it; words that are nowhere in the library's source (comments included, tests not, small
letters or large; in one directory, where one is named); or a test of this repository that tries it. Tests of
[benchmarks/features](../benchmarks/features) find each phrase, look for each word in vain, and hold each ✓ and ✗ to what the test expects, at the
versions of [benchmarks/go.mod](../benchmarks/go.mod), which are those that are measured: there may be newer ones. That a word is nowhere is a check
on what was read, and no proof that nobody could build the like out of what there is. Is something wrong, or new? Please say so.

How fast they are is another matter: ` + "`go run ./benchmarks/compare`" + `. So is what they do to HTTP and to gRPC: [transports](transports.md),
[interceptors](interceptors.md). This page is what ` + "`go run ./benchmarks/features`" + ` prints.

`

// page returns all tables, and where their cells are read.
func page() string {
	var text strings.Builder
	text.WriteString(intro)
	var versions []string
	for _, l := range libraries {
		if l != ductile {
			name, _, _ := strings.Cut(l.name, " v")
			versions = append(versions, name+" "+l.version)
		}
	}
	fmt.Fprintf(&text, "Read on %s: %s.\n\nNot checked:\n\n", checked, strings.Join(versions, ", "))
	for _, a := range absent {
		fmt.Fprintf(&text, "- %s: %s\n", a.name, a.why)
	}
	for _, t := range tables() {
		fmt.Fprintf(&text, "\n## %s\n\n%s\n\n%s\n<details>\n<summary>Where that is read</summary>\n\n", t.title, t.about, t.cells())
		for _, r := range t.rows {
			fmt.Fprintf(&text, "- **%s** – %s.\n", r.feature, strings.Join(t.sources(r), "; "))
		}
		text.WriteString("\n</details>\n")
	}
	return text.String()
}

// cells returns the table itself.
func (t table) cells() string {
	lines := [][]string{{""}}
	for _, l := range t.columns {
		lines[0] = append(lines[0], l.name)
	}
	for _, r := range t.rows {
		line := []string{r.feature}
		for _, l := range t.columns {
			line = append(line, t.at(r, l).says)
		}
		lines = append(lines, line)
	}
	if t.turned {
		lines = turn(lines)
	}
	var text strings.Builder
	for i, line := range lines {
		text.WriteString("| " + strings.Join(line, " | ") + " |\n")
		if i == 0 {
			text.WriteString(strings.Repeat("|---", len(line)) + "|\n")
		}
	}
	return text.String()
}

// turn makes rows of columns.
func turn(lines [][]string) [][]string {
	turned := make([][]string, len(lines[0]))
	for _, line := range lines {
		for i, text := range line {
			turned[i] = append(turned[i], text)
		}
	}
	return turned
}

// sources returns where each cell of a row is read. Those who lack the same words share a place.
func (t table) sources(r row) (all []string) {
	var without []string
	lacking := map[string][]string{}
	for _, l := range t.columns {
		c := t.at(r, l)
		var places []string
		for _, p := range c.read {
			places = append(places, "["+p.file+"]("+l.link(p.file)+") `"+p.text+"`")
		}
		if len(places) > 0 {
			all = append(all, l.name+": "+strings.Join(places, ", "))
		}
		if c.test != nil {
			if said := "`" + c.test.test + "`, " + strconv.Quote(c.test.name); !slices.Contains(all, said) {
				all = append(all, said) // one for all whom it tries
			}
		}
		if len(c.words) > 0 {
			words := "no `" + strings.Join(c.words, "`, `") + "`"
			if !slices.Contains(without, words) {
				without = append(without, words)
			}
			lacking[words] = append(lacking[words], strings.TrimSuffix(l.name+" "+t.within[l], " "))
		}
	}
	for _, words := range without {
		all = append(all, words+" in "+strings.Join(lacking[words], ", "))
	}
	return all
}
