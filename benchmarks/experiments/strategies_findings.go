package main

import "github.com/ductile-go/ductile/benchmarks/drawing"

// strategyOrders adds what holds between strategies.
func (f *Findings) strategyOrders(all []series) {
	at := func(name string, of func(series) []Estimate, rate float64) float64 {
		for _, s := range all {
			for i := range s.rates {
				if s.who == "ductile" && s.name == name && s.rates[i] == rate {
					return of(s)[i].Mean
				}
			}
		}
		panic(name)
	}
	success := func(s series) []Estimate { return s.success }
	load := func(s series) []Estimate { return s.load }
	f.orders("f = 0.05: a budget answers as many as 3 retries do, to 1 %, and breakers that refuse calls answer fewer",
		at("budget", success, 0.05) > 0.99*at("3 retries", success, 0.05) &&
			at("breaker", success, 0.05) < at("budget", success, 0.05))
	f.orders("f = 0.5: success is 3 retries > budget > retry breaker > breaker, and so is load",
		at("3 retries", success, 0.5) > at("budget", success, 0.5) &&
			at("budget", success, 0.5) > at("retry breaker", success, 0.5) &&
			at("retry breaker", success, 0.5) > at("breaker", success, 0.5) &&
			at("3 retries", load, 0.5) > at("budget", load, 0.5) &&
			at("budget", load, 0.5) > at("retry breaker", load, 0.5) &&
			at("retry breaker", load, 0.5) > at("breaker", load, 0.5))
}

// strategyPlots draws success and load over the rate of failure.
func strategyPlots(all []series) []Plot {
	plot := func(name, title, y string) Plot {
		return Plot{name, drawing.Chart{Title: title, X: "share of attempts that fail", Y: y}}
	}
	success := plot("success", "Calls answered while a dependency fails", "share of calls answered")
	load := plot("load", "Load on a dependency that fails", "attempts for each call")
	means := func(of []Estimate) (means []float64) {
		for _, e := range of {
			means = append(means, e.Mean)
		}
		return means
	}
	names := map[string]string{
		"ductile budget": "ductile: budget", "ductile retry breaker": "ductile: breaker of retries", "ductile breaker": "ductile: breaker",
		failsafeGo + " budget": "failsafe-go: budget each", failsafeGo + " shared budget": "failsafe-go: budget shared",
		failsafeGo + " breaker": "failsafe-go: breaker",
	}
	formula := [2]Line{{Name: "3 retries, formula", Reference: true}, {Name: "3 retries, formula", Reference: true}}
	for i := range 101 {
		x := float64(i) / 100
		want := unbounded(unbound, x)
		formula[0].X, formula[0].Y = append(formula[0].X, x), append(formula[0].Y, want.success)
		formula[1].X, formula[1].Y = append(formula[1].X, x), append(formula[1].Y, want.load)
	}
	success.Lines, load.Lines = formula[:1:1], formula[1:]
	var x, y, loads []float64
	for _, f := range failureRates {
		if r, ok := rerun["budget"][f]; ok {
			x, y, loads = append(x, f), append(y, r.success), append(loads, r.load)
		}
	}
	success.Lines = append(success.Lines, Line{Name: "bucket, source's rules", X: x, Y: y, Reference: true})
	load.Lines = append(load.Lines, Line{Name: "bucket, source's rules", X: x, Y: loads, Reference: true})
	for _, s := range all {
		if name := names[s.who+" "+s.name]; name != "" {
			success.Lines = append(success.Lines, Line{Name: name, X: s.rates, Y: means(s.success)})
			load.Lines = append(load.Lines, Line{Name: name, X: s.rates, Y: means(s.load)})
		}
	}
	return []Plot{success, load}
}
