package drawing

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// Logarithmic makes an axis that has its values so, from below the least to above the highest: there is a range where all are the same, too.
func Logarithmic(axis *plot.Axis) {
	axis.Min, axis.Max = axis.Min*0.85, axis.Max*1.15
	axis.Scale, axis.Tick.Marker = plot.LogScale{}, plot.TickerFunc(decades)
}

// decades are the ticks of a logarithmic axis: powers of ten; where there are few of them, twice and five times these; and where there is
// hardly one, all between.
func decades(low, high float64) (ticks []plot.Tick) {
	few, hardly := high/low < 500, high/low < 5
	for power := math.Floor(math.Log10(low)); power <= math.Ceil(math.Log10(high)); power++ {
		for digit := 1.0; digit < 10; digit++ {
			value := digit * math.Pow(10, power)
			if value < low*(1-1e-9) || value > high*(1+1e-9) {
				continue
			}
			tick := plot.Tick{Value: value}
			if digit == 1 || few && (digit == 2 || digit == 5) || hardly {
				tick.Label = label(value)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// round are the ticks of an axis at round numbers, 11 at most.
func round(least, most float64) (ticks []plot.Tick) {
	if most <= least {
		return []plot.Tick{{Value: least, Label: label(least)}}
	}
	step := math.Pow(10, math.Floor(math.Log10((most-least)/10)))
	for _, more := range []float64{2, 2.5, 2} { // 1, 2, 5, 10
		if (most-least)/step <= 10 {
			break
		}
		step *= more
	}
	for i := int(math.Ceil(least/step - 1e-6)); float64(i)*step <= most+step/1e6; i++ {
		ticks = append(ticks, plot.Tick{Value: float64(i) * step, Label: label(float64(i) * step)})
	}
	return ticks
}

// label is a number as people read it.
func label(value float64) string {
	if math.Abs(value) >= 1000 {
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	return strconv.FormatFloat(value, 'g', 4, 64)
}
