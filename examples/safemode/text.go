package main

import (
	"fmt"
	"io"
	"strings"
)

// width is that of a terminal, in columns.
const width = 80

// paragraph prints a text in lines, numbers beside their units, and an empty line.
func paragraph(w io.Writer, text string) {
	const tied = "\u00a0"
	text = strings.NewReplacer(" ms", tied+"ms", " %", tied+"%").Replace(text)
	fmt.Fprintf(w, "%s\n\n", strings.ReplaceAll(lines(text, width), tied, " "))
}

// lines breaks a text into lines of so many columns at most.
func lines(text string, columns int) string {
	var b strings.Builder
	column := 0
	for word := range strings.SplitSeq(text, " ") {
		n := len([]rune(word))
		switch {
		case column == 0:
		case column+1+n > columns:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
