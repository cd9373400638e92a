package main

import "slices"

// A table has a row for each feature, and a column for each library, or the other way round.
type table struct {
	title, about string
	columns      []*library
	rows         []row
	turned       bool                // libraries in rows
	within       map[*library]string // where to look for words in a library of many packages; everywhere else
}

// A row is a feature. A library that has no cell in it has none of the words in its source.
type row struct {
	feature string
	words   []string
	cells   map[*library]cell
}

// A cell is what is said of one library, and by what right: phrases that are in its source, words that are not, or a test.
type cell struct {
	says  string
	read  []phrase
	words []string
	test  *claim
}

// A phrase is in a file of a library.
type phrase struct{ file, text string }

// A claim is a test of benchmarks, and what it is called there.
type claim struct {
	test, name string
	holds      bool // of this library
}

// reads says something, for which there are a file and a phrase in it, or several.
func reads(says, file, text string, more ...string) cell {
	c := cell{says: says, read: []phrase{{file, text}}}
	for pair := range slices.Chunk(more, 2) {
		c.read = append(c.read, phrase{pair[0], pair[1]})
	}
	return c
}

// yes is a feature, and where.
func yes(file, text string, more ...string) cell { return reads("yes", file, text, more...) }

// none is no feature, since these words are nowhere in the source.
func none(words ...string) cell { return cell{says: nothing, words: words} }

// lacks says what there is in place of a feature, for which these words would be in the source.
func lacks(says string, words ...string) cell { return cell{says: says, words: words} }

// also adds a file and a phrase in it.
func (c cell) also(file, text string) cell {
	c.read = append(c.read, phrase{file, text})
	return c
}

// but adds words that are not there.
func (c cell) but(words ...string) cell {
	c.words = words
	return c
}

const nothing = "none"

// at returns what is said of a library, and within what.
func (t table) at(r row, l *library) cell {
	if c, ok := r.cells[l]; ok {
		return c
	}
	return none(r.words...)
}
