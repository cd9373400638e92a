package main

import (
	"iter"
	"strconv"

	"google.golang.org/grpc"

	"github.com/ductile-go/ductile/benchmarks/contest"
	"github.com/ductile-go/ductile/ductilegrpc/ductilegrpctest"
	"github.com/ductile-go/ductile/ductiletest"
)

// times is how often each promise is judged. What depends on chance shows.
const times = 3

// interceptors returns the contest.
func interceptors() contest.Contest {
	all := contest.Contest{
		Last: "lets a panic of an inner interceptor pass", Ends: "panic: ductilegrpctest.Interceptor: ",
		Partly: func([]string) string { return "at times" },
	}
	for _, c := range contestants() {
		all.Contestants = append(all.Contestants, contest.Contestant{Name: c.name, Module: c.module, Ours: c.ours,
			Judge: func() iter.Seq[ductiletest.Verdict] { return judge(c.options) }})
	}
	return all
}

// judge judges each promise several times before the next: the last may end the program.
func judge(options func() []grpc.DialOption) iter.Seq[ductiletest.Verdict] {
	return func(yield func(ductiletest.Verdict) bool) {
		var next [times]func() (ductilegrpctest.Verdict, bool)
		for i := range next {
			next[i], _ = iter.Pull(ductilegrpctest.JudgeInterceptor(options)) // read to its end, or else with the process
		}
		for {
			for i, pull := range next {
				v, ok := pull()
				if !ok || !yield(ductiletest.Verdict{Promise: v.Promise, Protocol: "#" + strconv.Itoa(i+1), Outcome: v.Outcome, Text: v.Text}) {
					return
				}
			}
		}
	}
}
