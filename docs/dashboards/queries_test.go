package dashboards_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A server is a Prometheus that has seen the run.
type server struct {
	*day
	kept   *teststorage.TestStorage
	engine *promql.Engine
	parser parser.Parser
	known  map[string]promql.Matrix
}

// asked returns the server, which is the same for all tests: to store the run takes longer than to ask of it.
func asked(t *testing.T) *server {
	if the != nil {
		return the
	}
	d := today(t)
	p := parser.NewParser(parser.Options{}) // nothing experimental
	the = &server{
		day: d, kept: store(t, d.scrapes), parser: p, known: map[string]promql.Matrix{},
		engine: promql.NewEngine(promql.EngineOpts{MaxSamples: 5e6, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, Parser: p}),
	}
	return the
}

var the *server

func TestMain(m *testing.M) {
	code := m.Run()
	if the != nil {
		if err := errors.Join(the.engine.Close(), the.kept.Close()); err != nil && code == 0 {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// over returns what an expression was over the whole run.
func (s *server) over(t *testing.T, expr string) promql.Matrix {
	if known, ok := s.known[expr]; ok {
		return known
	}
	_, err := s.parser.ParseExpr(expr)
	require.NoError(t, err, expr)
	query, err := s.engine.NewRangeQuery(t.Context(), s.kept, nil, expr, s.begin, s.end, 2*every)
	require.NoError(t, err, expr)
	defer query.Close()
	result := query.Exec(t.Context())
	require.NoError(t, result.Err, expr)
	assert.Empty(t, result.Warnings.AsErrors(), expr) // as of a rate of what is no counter
	matrix, err := result.Matrix()
	require.NoError(t, err, expr)
	kept := make(promql.Matrix, len(matrix))
	for i, of := range matrix { // the engine takes its own back
		kept[i] = promql.Series{Metric: of.Metric.Copy(), Floats: slices.Clone(of.Floats)}
	}
	s.known[expr] = kept
	return kept
}

// highest returns the highest value that is a number.
func highest(of promql.Matrix) float64 {
	high := math.Inf(-1)
	for _, series := range of {
		for _, point := range series.Floats {
			if !math.IsNaN(point.F) {
				high = max(high, point.F)
			}
		}
	}
	return high
}

var (
	pipelines = []string{"inventory", "mail", "orders", "payments", "reviews", "search"}
	inLegend  = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

const pipelineLabel = "ductile_pipeline_name"

func TestPanels(t *testing.T) {
	d, s := load(t), asked(t)
	for _, p := range d.Panels {
		t.Run(p.Title, func(t *testing.T) {
			legends := map[string]labels.Labels{}
			for _, q := range p.Targets {
				shown := s.over(t, d.interpolate(t, q.Expr, d.all()))
				require.NotEmpty(t, shown, q.Expr)
				assert.Positive(t, highest(shown), "%s shows nothing but zeros", q.Expr)
				assert.False(t, math.IsInf(highest(shown), 1), q.Expr)
				for _, series := range shown {
					legend := inLegend.ReplaceAllStringFunc(q.LegendFormat, func(ref string) string {
						return series.Metric.Get(inLegend.FindStringSubmatch(ref)[1])
					})
					other, taken := legends[legend]
					assert.False(t, taken, "%s and %s are both called %q", other, series.Metric, legend)
					legends[legend] = series.Metric
				}
				for _, ref := range inLegend.FindAllStringSubmatch(q.LegendFormat, -1) {
					assert.True(t, slices.ContainsFunc(shown, func(of promql.Series) bool { return of.Metric.Has(ref[1]) }),
						"the legend of %s asks for %s, which none of its series has", q.Expr, ref[1])
				}
				s.triesOne(t, d, q)
				s.triesIntervals(t, d, q)
				s.triesTwo(t, d, q, shown)
			}
		})
	}
}

// triesOne sees that a query shows one pipeline when one is chosen.
func (s *server) triesOne(t *testing.T, d dashboard, q target) {
	found := 0
	for _, name := range pipelines {
		shown := s.over(t, d.interpolate(t, q.Expr, d.all().with("pipeline", name).with("job", job)))
		found += len(shown)
		for _, series := range shown {
			if series.Metric.Has(pipelineLabel) {
				assert.Equal(t, name, series.Metric.Get(pipelineLabel), q.Expr)
			}
		}
	}
	assert.Positive(t, found, "%s shows no single pipeline", q.Expr)
}

// triesIntervals sees that a query shows something at each interval that there is to choose.
func (s *server) triesIntervals(t *testing.T, d dashboard, q target) {
	for _, v := range d.Templating.List {
		if v.Name == "interval" && strings.Contains(q.Expr, "$interval") {
			for _, interval := range v.Options {
				assert.NotEmpty(t, s.over(t, d.interpolate(t, q.Expr, d.all().with("interval", interval.Value))), interval.Value)
			}
		}
	}
}

// triesTwo sees that a query shows two pipelines when two are chosen, as far as it shows them among all.
func (s *server) triesTwo(t *testing.T, d dashboard, q target, all promql.Matrix) {
	want, have := map[string]bool{}, map[string]bool{}
	for _, series := range all {
		if name := series.Metric.Get(pipelineLabel); name == "inventory" || name == "payments" {
			want[series.Metric.String()] = true
		}
	}
	for _, series := range s.over(t, d.interpolate(t, q.Expr, d.all().with("pipeline", "inventory", "payments"))) {
		if series.Metric.Has(pipelineLabel) {
			have[series.Metric.String()] = true
		}
	}
	assert.Equal(t, want, have, q.Expr)
}

// What is there to choose is what there is.
func TestChoices(t *testing.T) {
	s := asked(t)
	want := map[string][]string{"job": {job}, "pipeline": pipelines}
	asks := regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)
	d := load(t)
	for _, v := range d.Templating.List {
		if v.Type != "query" {
			continue
		}
		var query struct{ Query string }
		require.NoError(t, json.Unmarshal(v.Query, &query))
		assert.Equal(t, v.Definition, query.Query, v.Name)
		parts := asks.FindStringSubmatch(query.Query)
		require.NotNil(t, parts, query.Query)
		found := map[string]bool{}
		for _, series := range s.over(t, d.interpolate(t, parts[1], d.all())) {
			found[series.Metric.Get(parts[2])] = true
		}
		assert.Equal(t, want[v.Name], slices.Sorted(maps.Keys(found)), v.Name)
		delete(want, v.Name)
	}
	assert.Empty(t, want)
}

// expressions returns all that is asked of Prometheus, by where it stands.
func (s *server) expressions(t *testing.T) map[string]string {
	d, all := load(t), map[string]string{}
	for _, p := range d.Panels {
		for _, q := range p.Targets {
			all[p.Title+" "+q.RefID] = d.interpolate(t, q.Expr, d.all())
		}
	}
	for _, rule := range s.rules(t) {
		all[rule.Name()] = rule.Query().String()
	}
	return all
}

// A selector by itself must select something: a name that nothing has, or a value that no label has, is a mistake that an "or" or an "unless"
// would hide.
func TestSelectorsSelect(t *testing.T) {
	s := asked(t)
	for where, expr := range s.expressions(t) {
		for _, selector := range selectors(s.parse(t, expr)) {
			found := s.over(t, selector.String())
			assert.NotEmpty(t, found, "%s asks for %s, which nothing is", where, selector)
			for _, m := range selector.LabelMatchers {
				assert.True(t, slices.ContainsFunc(s.over(t, selector.Name), func(of promql.Series) bool { return of.Metric.Has(m.Name) }),
					"%s: %s has no label %s", where, selector.Name, m.Name)
			}
		}
	}
}

// What is grouped or matched by a label that nothing has is one group, in silence.
func TestLabelsExist(t *testing.T) {
	s := asked(t)
	for where, expr := range s.expressions(t) {
		parser.Inspect(s.parse(t, expr), func(node parser.Node, _ []parser.Node) error {
			switch is := node.(type) {
			case *parser.AggregateExpr:
				assert.False(t, is.Without, "%s: without keeps labels that one does not know of", where)
				s.has(t, where, is.Expr, is.Grouping)
			case *parser.BinaryExpr:
				if is.VectorMatching != nil {
					s.has(t, where, is.LHS, is.VectorMatching.MatchingLabels)
					s.has(t, where, is.RHS, is.VectorMatching.MatchingLabels)
				}
			}
			return nil
		})
	}
}

func (s *server) has(t *testing.T, where string, expr parser.Expr, names []string) {
	for _, name := range names {
		assert.True(t, slices.ContainsFunc(selectors(expr), func(selector *parser.VectorSelector) bool {
			return slices.ContainsFunc(s.over(t, selector.String()), func(of promql.Series) bool { return of.Metric.Has(name) })
		}), "%s: nothing in %s has the label %s", where, expr, name)
	}
}

// Whatever Ductile measures is worth a look, or it would not measure it. The run has all of it, or this would prove little.
func TestEveryMetricIsShown(t *testing.T) {
	s := asked(t)
	family := strings.NewReplacer("_bucket", "", "_count", "", "_sum", "")
	shown := map[string]bool{}
	d := load(t)
	for _, p := range d.Panels {
		for _, q := range p.Targets {
			for _, selector := range selectors(s.parse(t, d.interpolate(t, q.Expr, d.all()))) {
				shown[family.Replace(selector.Name)] = true
			}
		}
	}
	measured := map[string]bool{}
	s.scrapes[len(s.scrapes)-1].samples(t, func(of labels.Labels, _ float64) {
		if name := of.Get(model.MetricNameLabel); strings.HasPrefix(name, "ductile_") {
			measured[family.Replace(name)] = true
		}
	})
	assert.Equal(t, slices.Sorted(maps.Keys(measured)), slices.Sorted(maps.Keys(shown)))
	page, err := os.ReadFile("../telemetry.md")
	require.NoError(t, err)
	listed := regexp.MustCompile("(?m)^\\| `(ductile[^`]*)` \\| (?:histogram|counter|gauge|up-down counter)").FindAllStringSubmatch(string(page), -1)
	assert.Len(t, listed, len(measured), "the run has what docs/telemetry.md lists")
	for _, row := range listed {
		name := strings.ReplaceAll(row[1], ".", "_")
		assert.True(t, measured[name] || measured[name+"_total"] || measured[name+"_seconds"] || measured[name+"_seconds_total"], row[1])
	}
}

func (s *server) parse(t *testing.T, expr string) parser.Expr {
	parsed, err := s.parser.ParseExpr(expr)
	require.NoError(t, err, expr)
	return parsed
}

func selectors(expr parser.Expr) (found []*parser.VectorSelector) {
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			found = append(found, selector)
		}
		return nil
	})
	return found
}
