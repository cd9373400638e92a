package telemetry_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/safemode"
	"github.com/ductile-go/ductile/telemetry"
)

const page = "../docs/telemetry.md"

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// table returns the rows of the table of the page that begins with a column.
func table(t *testing.T, column string) (rows [][]string) {
	t.Helper()
	_, text, found := strings.Cut(read(t, page), "\n| "+column+" |")
	require.True(t, found, "no table of %s", column)
	text, _, _ = strings.Cut(text, "\n\n")
	for _, line := range strings.Split(text, "\n")[2:] {
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		rows = append(rows, cells)
	}
	return rows
}

// quoted returns what is between backticks.
func quoted(cell string) (words []string) {
	for _, found := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
		words = append(words, found[1])
	}
	return words
}

// A catalog is what has been emitted, in the words of the page.
type catalog struct {
	spans   map[string]bool            // span, attribute, type
	metrics map[string]*listed         // by name
	values  map[string]map[string]bool // of attributes
	lines   map[string]map[string]bool // attributes of lines
	levels  map[string]map[string]bool // of lines
	points  func(name string, n, policies int)
}

type listed struct {
	kind, unit string
	attributes map[string]bool
}

// put adds to a set of a map of sets.
func put(sets map[string]map[string]bool, key, value string) {
	if sets[key] == nil {
		sets[key] = map[string]bool{}
	}
	sets[key][value] = true
}

// emitted plays all stories, in all modes.
func emitted(t *testing.T, points func(name string, n, policies int)) *catalog {
	c := &catalog{
		spans: map[string]bool{}, metrics: map[string]*listed{}, values: map[string]map[string]bool{}, lines: map[string]map[string]bool{},
		levels: map[string]map[string]bool{}, points: points,
	}
	for _, options := range [][]telemetry.Option{nil, {telemetry.WithLeanSpans(), telemetry.WithErrorText()}} {
		for _, is := range append(slices.Clone(stories), storm) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, options...)
				is.tell(s)
				synctest.Wait()
				c.add(s)
			})
		}
	}
	return c
}

// storm is the story of what is held back, with policies of every kind.
var storm = story{name: "a storm", tell: func(s *scene) {
	b := trips()
	s.pipeline(b, bulkhead.New(1), ratelimit.New(1, 1))
	s.concurrent(hedge.New())
	s.concurrent(hedge.New(hedge.After(time.Second)))
	flap := func() {
		for range 5 {
			b.Isolate("now")
			b.Reset()
		}
		synctest.Wait()
	}
	for range 2 {
		told(s.T, "losers that panic", s)
		told(s.T, "a hedge that fails", s)
		flap()
	}
	time.Sleep(time.Minute)
	s.do(s.pipeline(), fine) // all is well
	time.Sleep(time.Minute)

	isolated := trips()
	answered := s.pipeline(fallback.Value(3), retries(), isolated)
	for range 2 { // the second round says what was held back in the first
		s.do(answered, down)
		s.do(answered, down)
		time.Sleep(time.Minute)
		told(s.T, "a hedge that fails", s)
		told(s.T, "a hedge that fails", s)
		flap()
		told(s.T, "a panic that is contained while the call goes on", s)
		told(s.T, "a panic that is contained while the call goes on", s)
		flap()
		time.Sleep(time.Minute)
	}
	switching(s)
}}

// switching is the story of a safe mode that goes all ways.
func switching(s *scene) {
	mode := switches()
	p, prices := s.pipeline(mode), s.pipeline(mode.For(safemode.Degraded))
	rest := func(long time.Duration) {
		synctest.Wait()
		time.Sleep(long)
	}
	s.do(p, down)
	s.do(prices, down) // safe
	rest(time.Minute)
	s.do(p, down) // the probe
	rest(2 * time.Minute)
	s.do(p, fine) // the probe
	s.do(p, down) // the step
	rest(4 * time.Minute)
	for range 2 { // to degraded, and to normal
		s.do(p, fine)
		s.do(p, fine)
		rest(time.Minute)
		s.do(p, fine)
	}
	mode.Engage("now")
	mode.Disengage()
	rest(time.Minute)
	for range 5 {
		mode.Engage("now")
		mode.Disengage()
	}
	rest(time.Minute)
	mode.Engage("now")
	synctest.Wait()
}

func (c *catalog) add(s *scene) {
	for _, span := range s.spans.Ended() {
		if span.InstrumentationScope().Name != telemetry.ScopeName {
			continue
		}
		name := "call"
		switch {
		case strings.HasSuffix(span.Name(), "attempt"):
			name = "attempt"
		case span.Name() == "safe mode":
			name = "safe mode"
		}
		for _, a := range span.Attributes() {
			c.spans[fmt.Sprintf("%s %s %s", name, a.Key, strings.ReplaceAll(strings.ToLower(a.Value.Type().String()), "int64", "int"))] = true
			if a.Value.Type() == attribute.STRING {
				put(c.values, string(a.Key), a.Value.AsString())
			}
		}
	}
	for _, m := range s.collect() {
		is := c.metrics[m.Name]
		if is == nil {
			is = &listed{kind: kind(m.Data), unit: m.Unit, attributes: map[string]bool{}}
			c.metrics[m.Name] = is
		}
		policies, series := map[string]bool{}, map[string]int{}
		for _, set := range sets(m.Data) {
			for _, a := range set.ToSlice() {
				is.attributes[string(a.Key)] = true
				put(c.values, string(a.Key), a.Value.AsString())
				switch a.Key {
				case "ductile.policy.name", "ductile.fallback.answered_by":
					policies[a.Value.AsString()] = true
				case "ductile.pipeline.name":
					series[a.Value.AsString()]++
				}
			}
		}
		for _, n := range series {
			c.points(m.Name, n, len(policies))
		}
	}
	for _, line := range s.logs.lines() {
		found := regexp.MustCompile(`^level=(\w+) msg="([^"]+)"`).FindStringSubmatch(line)
		text := found[2]
		if level, ok := strings.CutPrefix(text, "ductile: safe mode "); ok {
			text = "ductile: safe mode LEVEL"
			put(c.levels, text, found[1]+" "+level)
		} else if state, ok := strings.CutPrefix(text, "ductile: breaker "); ok {
			text = "ductile: breaker STATE"
			put(c.levels, text, found[1]+" "+state)
		} else {
			put(c.levels, text, found[1])
		}
		rest := regexp.MustCompile(`="(\\"|[^"])*"`).ReplaceAllString(line[len(found[0]):], "=x")
		for _, a := range regexp.MustCompile(` (\w+)=`).FindAllStringSubmatch(rest, -1) {
			put(c.lines, text, a[1])
		}
	}
}

// kind returns what the page calls an instrument, but for whether it is read.
func kind(data metricdata.Aggregation) string {
	switch data := data.(type) {
	case metricdata.Histogram[float64]:
		return "histogram"
	case metricdata.Gauge[int64], metricdata.Gauge[float64]:
		return "gauge"
	case metricdata.Sum[int64]:
		return map[bool]string{true: "counter", false: "up-down counter"}[data.IsMonotonic]
	case metricdata.Sum[float64]:
		return map[bool]string{true: "counter", false: "up-down counter"}[data.IsMonotonic]
	default:
		return fmt.Sprintf("%T", data)
	}
}

// sets returns the attributes of all points.
func sets(data metricdata.Aggregation) (found []attribute.Set) {
	switch data := data.(type) {
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			found = append(found, p.Attributes)
		}
	case metricdata.Gauge[int64]:
		found = setsOf(data.DataPoints)
	case metricdata.Gauge[float64]:
		found = setsOf(data.DataPoints)
	case metricdata.Sum[int64]:
		found = setsOf(data.DataPoints)
	case metricdata.Sum[float64]:
		found = setsOf(data.DataPoints)
	}
	return found
}

func setsOf[N int64 | float64](points []metricdata.DataPoint[N]) (found []attribute.Set) {
	for _, p := range points {
		found = append(found, p.Attributes)
	}
	return found
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// What the page lists is emitted, and what is emitted it lists.
func TestThePageListsWhatThereIs(t *testing.T) {
	bounds := map[string]string{}
	for _, row := range table(t, "metric") {
		bounds[quoted(row[0])[0]] = row[4]
	}
	c := emitted(t, func(name string, n, policies int) {
		most := 1
		for factor := range strings.SplitSeq(bounds[name], " × ") {
			number, err := strconv.Atoi(factor)
			if factor == "P" {
				number, err = policies, nil
			}
			require.NoError(t, err, name)
			most *= number
		}
		assert.LessOrEqual(t, n, most, name)
	})

	t.Run("spans", func(t *testing.T) {
		rows := map[string]bool{}
		for _, row := range table(t, "span") {
			require.Len(t, row, 5)
			rows[row[0]+" "+quoted(row[1])[0]+" "+strings.ReplaceAll(row[2], "string[]", "stringslice")] = true
		}
		assert.Equal(t, sorted(rows), sorted(c.spans))
	})
	t.Run("metrics", func(t *testing.T) {
		rows := map[string]bool{}
		for _, row := range table(t, "metric") {
			require.Len(t, row, 6)
			name := quoted(row[0])[0]
			rows[name] = true
			is := c.metrics[name]
			if !assert.NotNil(t, is, "%s is not emitted", name) {
				continue
			}
			kind, _ := strings.CutSuffix(row[1], ", read")
			assert.Equal(t, is.kind, kind, name)
			assert.Equal(t, is.unit, row[2], name)
			assert.ElementsMatch(t, sorted(is.attributes), quoted(row[3]), name)
		}
		assert.Equal(t, sorted(rows), slices.Sorted(maps.Keys(c.metrics)))
	})
	t.Run("values", func(t *testing.T) {
		for _, row := range table(t, "attribute") {
			found := map[string]bool{}
			for _, key := range quoted(row[0]) {
				require.NotEmpty(t, c.values[key], key)
				maps.Copy(found, c.values[key])
			}
			says, _, _ := strings.Cut(row[1], "; in `ductile") // another attribute's name is no value
			says, _, _ = strings.Cut(says, "; what a middleware")
			assert.ElementsMatch(t, sorted(found), quoted(says), row[0])
		}
		outcomes := sorted(c.values["ductile.outcome"])
		for _, key := range []string{"ductile.call.answered_for", "ductile.call.first_outcome", "ductile.attempt.cause"} {
			assert.Subset(t, outcomes, sorted(c.values[key]), key)
		}
	})
	t.Run("lines", func(t *testing.T) {
		rows := map[string]bool{}
		for _, row := range table(t, "line") {
			text := quoted(row[0])[0]
			rows[text] = true
			assert.ElementsMatch(t, sorted(c.lines[text]), quoted(row[2]), text)
			want := map[string]bool{row[1]: true}
			if text == "ductile: breaker STATE" {
				assert.Equal(t, "WARN for open and isolated, INFO for others", row[1])
				want = map[string]bool{"WARN open": true, "WARN isolated": true, "INFO closed": true, "INFO half-open": true, "INFO forced closed": true}
			}
			if text == "ductile: safe mode LEVEL" {
				assert.Equal(t, "WARN for degraded and safe, INFO for normal", row[1])
				want = map[string]bool{"WARN degraded": true, "WARN safe": true, "INFO normal": true}
			}
			assert.Equal(t, want, c.levels[text], text)
		}
		assert.Equal(t, sorted(rows), slices.Sorted(maps.Keys(c.lines)))
	})
}

// What the page says is read is not there once nothing is attached, and nothing else is.
func TestThePageKnowsWhatIsRead(t *testing.T) {
	isRead := map[string]bool{}
	for _, row := range table(t, "metric") {
		isRead[quoted(row[0])[0]] = strings.HasSuffix(row[1], ", read")
	}
	for _, is := range append(slices.Clone(stories), storm) {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, telemetry.WithoutTraces())
			is.tell(s)
			synctest.Wait()
			before := s.metrics()
			s.leave()
			after := s.metrics()
			for name := range before {
				_, still := after[name]
				assert.Equal(t, isRead[name], !still, name)
			}
		})
	}
}

// The code on the page is in the examples.
func TestThePageIsTheProgram(t *testing.T) {
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	code := words(read(t, "telemetry_example_test.go"))
	n := 0
	for i, block := range strings.Split(read(t, page), "```") {
		if language, block, _ := strings.Cut(block, "\n"); i%2 == 1 && language == "go" {
			assert.Contains(t, code, words(block))
			n++
		}
	}
	assert.Equal(t, 4, n)
}

// The scope, the bounds and the options that the page speaks of are those that there are.
func TestThePageIsTrue(t *testing.T) {
	text := read(t, page)
	assert.Contains(t, text, telemetry.ScopeName)
	assert.Contains(t, text, telemetry.SchemaURL)
	var all strings.Builder
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			all.WriteString(read(t, file))
		}
	}
	source := all.String()
	for _, option := range regexp.MustCompile("`(With[A-Z]\\w*)`").FindAllStringSubmatch(text, -1) {
		assert.Contains(t, source, "\nfunc "+option[1]+"(")
	}
	for _, option := range regexp.MustCompile(`\nfunc (With\w+)\(`).FindAllStringSubmatch(source, -1) {
		assert.Contains(t, text, "`"+option[1]+"`")
	}
	rows := table(t, "mode")
	require.Len(t, rows, len(modes))
	for i, m := range modes {
		assert.Equal(t, m.name, rows[i][0])
		if m.allocs != asMany {
			assert.Equal(t, strconv.Itoa(int(m.allocs)), rows[i][2], m.name)
		}
	}
	for says, is := range map[string]string{
		"1000 names of pipelines": "mostPipelines = 1000 ", "32 names of policies": "mostPolicies  = 32 ", "8 at most": "mostNames = 8\n",
	} {
		assert.Contains(t, text, says)
		assert.Contains(t, source, is)
	}
}
