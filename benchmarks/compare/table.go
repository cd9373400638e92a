package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A table is rows of cells under a head, aligned to be read as it is, and as a Markdown table.
type table struct {
	head []string
	rows [][]string
}

// add adds a row.
func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print prints a table, if it has rows.
func (t *table) print(w io.Writer) {
	if len(t.rows) == 0 {
		return
	}
	widths := make([]int, len(t.head))
	rule := make([]string, len(t.head))
	for i := range t.head {
		widths[i] = utf8.RuneCountInString(t.head[i])
		for _, cells := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(cells[i]))
		}
		rule[i] = strings.Repeat("-", widths[i])
	}
	line := func(cells []string) {
		for i, cell := range cells {
			fmt.Fprintf(w, "| %-*s ", widths[i], cell)
		}
		fmt.Fprintln(w, "|")
	}
	line(t.head)
	line(rule)
	for _, cells := range t.rows {
		line(cells)
	}
	fmt.Fprintln(w)
}

// width is how many columns a terminal has that everybody can read.
const width = 100

// wrap prints a paragraph, whose lines are indented from the second on where it is an item of a list, or of one in a list.
func wrap(w io.Writer, text string) {
	words := strings.TrimLeft(text, " ")
	first := text[:len(text)-len(words)]
	indent := first
	if strings.HasPrefix(words, "- ") {
		indent += "  "
	}
	line := ""
	for word := range strings.FieldsSeq(words) {
		switch {
		case line == "":
			line = first + word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			fmt.Fprintln(w, line)
			line = indent + word
		default:
			line += " " + word
		}
	}
	fmt.Fprintln(w, line)
}

// section prints a title over what follows.
func section(w io.Writer, title string) {
	fmt.Fprintln(w, title)
	fmt.Fprintln(w, strings.Repeat("=", utf8.RuneCountInString(title)))
	fmt.Fprintln(w)
}
