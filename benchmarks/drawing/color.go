package drawing

import (
	"image/color"
	"slices"
	"strings"
)

// The colors that who does not see all of them can tell apart, too (Okabe and Ito, 2008), but for the yellow, which is too light on white.
func palette() []color.RGBA {
	return []color.RGBA{
		{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {230, 159, 0, 255}, {86, 180, 233, 255}, {0, 0, 0, 255},
	}
}

// Ours is the color of ductile.
func Ours() color.Color { return palette()[0] }

// Theirs is the color of peers, where it does not matter which.
func Theirs() color.Color { return color.Black }

// referred is the color of lines to compare others with.
func referred() color.Color { return color.Gray{60} }

// library returns who a line is of: "failsafe-go" of "failsafe-go 0.9.8, default".
func library(name string) string {
	if end := strings.IndexAny(name, " ,:"); end >= 0 {
		name = name[:end]
	}
	return strings.TrimPrefix(name, "go-")
}

// usual returns which color of the palette a library has in all pictures, or -1. Those that share one do not meet in any.
func usual(library string) int {
	return slices.IndexFunc([][]string{
		{"ductile"}, {"failsafe"}, {"gobreaker"}, {"retryablehttp", "eapache"}, {"zero", "bare", "avast"},
		{"hystrix", "x/sync", "semaphore", "hedgedhttp"}, {"aegis", "sethvargo", "bhope/hedge", "rate.Limiter"},
	}, func(those []string) bool { return slices.Contains(those, strings.TrimSuffix(library, "-go")) })
}

// colors returns that of each line, by whom it is of, or else by its name. Whose usual color is taken, and who has none, gets one that is free.
func colors(names []string) []color.Color {
	who := func(name string) string {
		if usual(library(name)) >= 0 {
			return library(name)
		}
		return name // "full jitter" and "equal jitter" are of nobody
	}
	all, chosen, taken := palette(), map[string]int{}, map[int]bool{}
	choose := func(name string, at int) {
		if _, met := chosen[who(name)]; !met && at >= 0 && !taken[at] {
			chosen[who(name)], taken[at] = at, true
		}
	}
	for _, name := range names {
		choose(name, usual(library(name)))
	}
	out := make([]color.Color, len(names))
	for i, name := range names {
		free := 0
		for taken[free] {
			free++
		}
		choose(name, free)
		out[i] = all[chosen[who(name)]%len(all)]
	}
	return out
}
