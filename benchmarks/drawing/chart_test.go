package drawing

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// drawn draws a chart, and returns its text, which must be well-formed.
func drawn(t *testing.T, c *Chart) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "chart.svg")
	require.NoError(t, c.Draw(file))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for decoder := xml.NewDecoder(strings.NewReader(string(text))); ; {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return string(text)
		}
		require.NoError(t, err)
	}
}

func TestChart(t *testing.T) {
	x := []float64{1, 10, 100}
	text := drawn(t, &Chart{
		Title: "How long & why", X: "goroutines", Y: "time (ms)", LogX: true, LogY: true, Dots: true,
		Lines: []Line{
			{Name: "ductile", X: x, Y: []float64{1, 2, 3}},
			{Name: "ductile", X: x, Y: []float64{2, 3, 4}, Dashed: true},
			{Name: "a formula", X: x, Y: []float64{1, 1, 1}, Reference: true},
		},
		Marks: []Mark{{10, "it begins"}},
	})
	for _, words := range []string{"How long &amp; why", "goroutines", "time (ms)", " it begins", "a formula"} {
		assert.Contains(t, text, ">"+words+"<")
	}
	assert.Equal(t, 1, strings.Count(text, ">ductile<"), "in the legend once")
	assert.Contains(t, text, "font-family:Liberation Sans,Arial")
	assert.NotContains(t, text, "Serif")
	assert.Contains(t, text, "stroke-dasharray")
	assert.Contains(t, text, "#0072B2")
}

// The first line is drawn last, so that it is on top.
func TestTheFirstIsOnTop(t *testing.T) {
	one := []float64{1, 2}
	text := drawn(t, &Chart{Lines: []Line{{Name: "ductile", X: one, Y: one}, {Name: "failsafe-go", X: one, Y: one}}})
	assert.Less(t, strings.Index(text, "#D55E00"), strings.Index(text, "#0072B2"))
}

// Of a line that is there twice the legend has the one that is whole, whichever is first.
func TestTheLegendHasTheWholeLine(t *testing.T) {
	one := []float64{1, 2}
	text := drawn(t, &Chart{Lines: []Line{{Name: "ductile", X: one, Y: one, Dashed: true}, {Name: "ductile", X: one, Y: one}}})
	assert.Equal(t, 1, strings.Count(text, "stroke-dasharray"))
}

// The legend is beside the lines and hides none, and no room is lost between, on logarithmic axes as on others.
func TestTheLegendIsBesideTheLines(t *testing.T) {
	x := []float64{1, 300}
	for _, logarithmic := range []bool{false, true} {
		text := drawn(t, &Chart{
			Title: "t", X: "a long text about what is on the axis, and on which machine", Y: "y", LogX: logarithmic, Lines: []Line{{Name: "ductile", X: x, Y: x}},
		})
		right := 0.0
		for _, grid := range regexp.MustCompile(`d="M[\d.]+,[\d.]+L([\d.]+),[\d.]+" style="fill:none;stroke:#808080`).FindAllStringSubmatch(text, -1) {
			end, err := strconv.ParseFloat(grid[1], 64)
			require.NoError(t, err)
			right = max(right, end)
		}
		legend := regexp.MustCompile(`<text x="([\d.]+)"[^>]*>ductile<`).FindStringSubmatch(text)
		require.NotNil(t, legend)
		left, err := strconv.ParseFloat(legend[1], 64)
		require.NoError(t, err)
		assert.Less(t, right, left-28, "the sample of the line is to the left of its name")
		assert.Greater(t, right, left-60)
		assert.Less(t, left, 590.0, "on the page, which is 624 wide")
	}
}

// Lines that coincide are seen: what is below is wider. Those of one library differ by their dashes.
func TestLinesAreToldApart(t *testing.T) {
	one := []float64{1, 2}
	c := &Chart{Lines: []Line{
		{Name: "ductile, a", X: one, Y: one}, {Name: "ductile, b", X: one, Y: one}, {Name: "failsafe-go", X: one, Y: one},
		{Name: "formula", X: one, Y: one, Reference: true}, {Name: "another", X: one, Y: one, Reference: true},
	}}
	lines, err := c.lines()
	require.NoError(t, err)
	assert.Less(t, lines[0].line.Width, lines[1].line.Width)
	assert.Less(t, lines[1].line.Width, lines[2].line.Width)
	assert.Equal(t, lines[0].line.Color, lines[1].line.Color)
	assert.NotEqual(t, lines[0].line.Dashes, lines[1].line.Dashes)
	assert.Empty(t, lines[2].line.Dashes)
	assert.NotEmpty(t, lines[3].line.Dashes)
	assert.NotEqual(t, lines[3].line.Dashes, lines[4].line.Dashes)
	assert.Equal(t, referred(), lines[4].line.Color)

	c.Dots = true
	lines, err = c.lines()
	require.NoError(t, err)
	assert.Equal(t, lines[0].line.Width, lines[2].line.Width)
	assert.Less(t, lines[0].dots.Radius, lines[1].dots.Radius)
}

func TestChartsOfLittle(t *testing.T) {
	assert.NoError(t, (&Chart{Lines: []Line{{Name: "nothing yet"}}}).Draw(filepath.Join(t.TempDir(), "a.svg")))
	line := Line{Name: "a", X: []float64{1}, Y: []float64{1}}
	assert.Error(t, (&Chart{Lines: []Line{line}}).Draw(filepath.Join(t.TempDir(), "nowhere", "a.svg")))
	zero := Line{Name: "a", X: []float64{0, 1}, Y: []float64{1, 1}}
	assert.ErrorContains(t, (&Chart{Lines: []Line{zero}, LogX: true}).Draw(filepath.Join(t.TempDir(), "a.svg")), "above zero")
}
