package drawing

import (
	"image/color"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLibrary(t *testing.T) {
	for name, want := range map[string]string{
		"ductile": "ductile", "ductile: budget": "ductile", "failsafe-go 0.9.8, default": "failsafe-go", "go-retryablehttp 0.7.8": "retryablehttp",
		"retryablehttp": "retryablehttp", "go-zero": "zero", "x/sync 0.22.0": "x/sync",
	} {
		assert.Equal(t, want, library(name), name)
	}
}

// Whoever else is in a picture, a library has its color.
func TestALibraryHasItsColorEverywhere(t *testing.T) {
	alone := func(name string) color.Color { return colors([]string{name})[0] }
	names := []string{"gobreaker 2.4.0, default", "full jitter", "go-retryablehttp 0.7.8", "failsafe-go", "something", "ductile: hedge", "gobreaker, its example"}
	got := colors(names)
	for _, i := range []int{0, 2, 3, 5, 6} {
		assert.Equal(t, alone(names[i]), got[i], names[i])
	}
	assert.Equal(t, got[0], got[6], "of one library")
	different := map[color.Color]bool{}
	for _, i := range []int{0, 1, 2, 3, 4, 5} {
		different[got[i]] = true
	}
	assert.Len(t, different, 6)
}

// Two whose usual color is the same get two.
func TestColorsAreToldApart(t *testing.T) {
	for _, names := range [][]string{
		{"eapache", "retryablehttp"}, {"ductile", "failsafe-go", "backoff v4", "backoff v6", "avast", "sethvargo", "eapache"}, {"full jitter", "equal jitter", "decorrelated"},
		{"ductile", "gobreaker", "failsafe-go", "eapache", "hystrix-go", "aegis", "go-zero"},
	} {
		different := map[color.Color]bool{}
		for _, c := range colors(names) {
			different[c] = true
		}
		assert.Len(t, different, len(names), names)
	}
	assert.Len(t, colors([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}), 9, "more than there are")
}
