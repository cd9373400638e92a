package drawing

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/plot"
)

// labels are those that an axis shows.
func labels(ticks []plot.Tick) (all []string) {
	for _, tick := range ticks {
		if tick.Label != "" {
			all = append(all, tick.Label)
		}
	}
	return all
}

func TestDecades(t *testing.T) {
	assert.Equal(t, []string{"0.05", "0.1", "0.2", "0.5", "1", "2", "5"}, labels(decades(0.04, 7)))
	assert.Equal(t, []string{"1", "10", "100", "1000", "10000", "100000"}, labels(decades(1, 100_000)))
	assert.Equal(t, []string{"2000", "5000", "10000"}, labels(decades(1500, 11_000)))
	assert.Equal(t, []string{"200", "300", "400"}, labels(decades(150, 450)))
	assert.Equal(t, []string{"100"}, labels(decades(100, 100)))
	assert.Len(t, decades(1, 1000), 28, "those between have no label")
}

func TestRound(t *testing.T) {
	assert.Equal(t, []string{"0", "50", "100", "150", "200", "250", "300"}, labels(round(0, 300)))
	assert.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7", "8"}, labels(round(1, 8)))
	assert.Equal(t, []string{"0.2", "0.4", "0.6", "0.8", "1"}, labels(round(0.2, 1.25))[:5:5])
	assert.Equal(t, []string{"7"}, labels(round(7, 7)), "where all are the same")
}

func TestLogarithmic(t *testing.T) {
	axis := plot.Axis{Min: 5, Max: 5}
	Logarithmic(&axis)
	assert.Less(t, axis.Min, 5.0)
	assert.Greater(t, axis.Max, 5.0)
	assert.Equal(t, []string{"5"}, labels(axis.Tick.Marker.Ticks(axis.Min, axis.Max)))
}
