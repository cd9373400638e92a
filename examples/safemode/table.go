package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/ductile-go/ductile/safemode"
)

const layout = "%5s %5s  %-16s │%6s %5s │%6s %5s │%6s │%6s %6s %6s │%6s %6s %6s\n"

func heading(w io.Writer) {
	fmt.Fprintf(w, "%-29s │%-12s │%-12s │%6s │%-20s │%s\n", "", " recommended", " prices", "index", " orders", " orders without it")
	fmt.Fprintf(w, layout, "time", "query", "safe mode", "fresh", "best", "fresh", "list", "built", "taken", "failed", "median", "taken", "failed", "median")
}

// line prints a row, with the last change of the mode before its end. An act that begins says so.
func line(w io.Writer, r row, c safemode.Change) {
	if r.opens {
		fmt.Fprintf(w, "%s  %s\n", seconds(r.ends-tick), r.act.about)
	}
	a, b := r.with, r.without
	fmt.Fprintf(w, layout, seconds(r.ends), strconv.Itoa(r.act.times)+" x", level(c),
		number(len(a.offers.well)), number(a.offers.instead), number(len(a.quotes.well)), number(a.quotes.instead), number(a.chunks),
		number(len(a.orders.well)), number(a.orders.failed), a.orders.well.median(),
		number(len(b.orders.well)), number(b.orders.failed), b.orders.well.median())
}

func seconds(d time.Duration) string { return fmt.Sprintf("%4.1fs", d.Seconds()) }

// number prints a number, so that zeros do not hide what is there.
func number(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}
