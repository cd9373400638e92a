package main

import (
	"fmt"
	"io"
)

// show has both shops live through the day, says what happened, and returns it.
func show(w io.Writer, day []act, with, without *shop) results {
	introduce(w, with)
	heading(w)
	var seen journal
	stop := with.mode.Listen(seen.hear)
	defer stop()
	l := newLoad(day, with, without)
	l.run(func(r row) { line(w, r, before(seen.all(), l.began.Add(r.ends))) })
	r := results{
		day: day, began: l.began, rows: l.rows, changes: seen.all(), delays: l.delays,
		placed: int(with.services[orders].done.Load()), placedWithout: int(without.services[orders].done.Load()),
	}
	fmt.Fprintln(w, "\nWhat the safe mode did, and why:")
	for _, c := range r.changes {
		fmt.Fprintf(w, "%s  %s\n", seconds(c.At.Sub(l.began)), told(c))
	}
	fmt.Fprintln(w)
	tell(w, r)
	return r
}

// introduce says what is about to happen.
func introduce(w io.Writer, s *shop) {
	fmt.Fprintf(w, "%v\n\n%v\n\n%v\n\n", s.recommend, s.price, s.checkout)
	paragraph(w, fmt.Sprintf("Two shops have %d visitors a second each. Every visitor is shown recommendations and a price, and one in %d orders. The "+
		"services that are called for it are HTTP servers, and share a database of %d connections, whose queries take %s, %s and %s. A job "+
		"that rebuilds the search index asks it, too. One shop has the pipelines above, and the other has them without the safe mode.",
		perSecond, oneOrders, connections, ms(recommendTakes), ms(priceTakes), ms(orderTakes)))
	paragraph(w, "Each row is half a second. Who gets no fresh recommendations or price is shown the best sellers and the list price. \"1 in 4\" is a "+
		"safe mode on its way back: so many go of the calls that it lets go of.")
}

// tell says in a few sentences what the results are, and why. None of it is known before.
func tell(w io.Writer, r results) {
	with, without := r.storm()
	paragraph(w, fmt.Sprintf("While the database was slow, the shop with a safe mode took %d of %d orders, and the one without %d. Before a database that "+
		"has more to do than it can there is a line, in which orders wait behind recommendations, until nobody waits for the answers any more. "+
		"The other shop has breakers too, but each of them knows one service, and none of them what an order is worth: when one has given the "+
		"database air, another lets calls through.", len(with.orders.well), with.orders.all(), len(without.orders.well)))
	paragraph(w, fmt.Sprintf("Of the orders that failed, %d had been placed all the same with a safe mode, and %d without it: their customers were told "+
		"otherwise. That is why an order is not repeated.", r.unheard(r.placed, func(row row) tally { return row.with }),
		r.unheard(r.placedWithout, func(row row) tally { return row.without })))
	after, _ := r.sum(r.begins(recovery), r.begins(byHand))
	paragraph(w, fmt.Sprintf("A safe mode has a price: when the database was well again, %d visitors were shown the best sellers, and %d the list price, "+
		"until probes and steps had shown that it was.", after.offers.instead, after.quotes.instead))
	if r.busy() {
		paragraph(w, fmt.Sprintf("This machine has been busy with something else: one visitor came %s late, and one order took %s while all was well.",
			ms(r.delays.quantile(100)), ms(r.quiet().well.quantile(100))))
	}
}
