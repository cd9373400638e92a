package main

import (
	"strings"
	"testing"
	"time"
)

func TestBar(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)) }
	s := scale{from: at(1000), length: 300 * time.Millisecond} // ten to a column
	for _, tt := range []struct {
		about string
		bar   bar
		from  int
		want  string
	}{
		{"all", s.bar(at(1000), at(1300), answer), 0, strings.Repeat("█", bars)},
		{"a part", s.bar(at(1100), at(1150), answer), 10, "█████"},
		{"to the nearest", s.bar(at(1104), at(1145), answer), 10, "█████"},
		{"shorter than a column", s.bar(at(1100), at(1101), answer), 10, "█"},
		{"at the end", s.bar(at(1300), at(1300), answer), bars - 1, "█"},
		{"before the beginning", s.bar(at(900), at(1010), answer), 0, "█"},
		{"after the end", s.bar(at(1290), at(1400), answer), bars - 1, "█"},
		{"no wait", s.bar(at(1100), at(1101), waiting), bars, ""},
		{"a mark", s.point(at(1100), refusal), 9, "✗"},
		{"a mark at the end", s.point(at(1300), refusal), bars - 1, "✗"},
		{"a mark at the beginning", s.point(at(1000), refusal), 0, "✗"},
		{"one after the other", s.bar(at(1000), at(1020), waiting).over(s.bar(at(1020), at(1040), answer)), 0, "··██"},
		{"one over the other", s.bar(at(1000), at(1030), waiting).over(s.bar(at(1010), at(1020), answer)), 0, "·█·"},
		{"on a clock that stands", scale{from: at(1)}.bar(at(1), at(1), whole), 0, strings.Repeat("━", bars)},
		{"no wait there", scale{from: at(1)}.bar(at(1), at(1), waiting), bars, ""},
		{"a mark there", scale{from: at(1)}.point(at(1), refusal), bars - 1, "✗"},
	} {
		want := strings.Repeat(" ", tt.from) + tt.want
		if got := tt.bar.String(); strings.TrimRight(got, " ") != want && want != strings.Repeat(" ", bars) || len([]rune(got)) != bars {
			t.Errorf("%s: %q instead of %q", tt.about, got, want)
		}
		if tt.bar.blank() != tt.from {
			t.Errorf("%s: %d blank columns instead of %d", tt.about, tt.bar.blank(), tt.from)
		}
	}
}

func TestRow(t *testing.T) {
	var b strings.Builder
	f := waterfall{w: &b, scale: scale{length: 30}}
	long := "a name that is much longer than the column in which it stands"
	for _, from := range []int{0, 1, 10, 29} {
		at := time.Time{}
		f.scale.from = at
		f.row(long, f.scale.bar(at.Add(time.Duration(from)), at.Add(30), sent), "1 ms", "200")
	}
	const want = `
a name that is much longer t… ──────────────────────────────    1 ms  200
a name that is much longer th… ─────────────────────────────    1 ms  200
a name that is much longer than the co… ────────────────────    1 ms  200
a name that is much longer than the column in which it st… ─    1 ms  200
`
	if got := "\n" + b.String(); got != want {
		t.Errorf("got%swant%s", got, want)
	}
}
