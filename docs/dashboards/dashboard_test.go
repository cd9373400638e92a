package dashboards_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The panels that every Grafana has.
var known = []string{"timeseries", "stat", "state-timeline", "table", "row"}

// chosen is the data source that the reader of a dashboard chooses.
var chosen = source{Type: "prometheus", UID: "${datasource}"}

func TestDashboardIsValid(t *testing.T) {
	d := load(t)
	assert.Nil(t, d.ID, "an id is one Grafana's own, and an import brings none")
	assert.NotEmpty(t, d.UID)
	assert.NotEmpty(t, d.Title)
	assert.GreaterOrEqual(t, d.SchemaVersion, 39, "Grafana would rewrite it")
	ids, titles := map[int]string{}, map[string]bool{}
	for i, p := range d.Panels {
		assert.Positive(t, p.ID, p.Title)
		assert.Empty(t, ids[p.ID], "%s has the id of another panel", p.Title)
		assert.False(t, titles[p.Title], "two panels are called %s", p.Title)
		ids[p.ID], titles[p.Title] = p.Title, true
		assert.Contains(t, known, p.Type, p.Title)
		assert.Empty(t, p.Panels, "%s: panels inside of a row are hidden until it is opened", p.Title)
		at := p.GridPos
		assert.True(t, at.X >= 0 && at.Y >= 0 && at.W > 0 && at.H > 0 && at.X+at.W <= 24, "%s is outside of the grid: %+v", p.Title, at)
		for _, other := range d.Panels[:i] {
			assert.False(t, at.overlaps(other.GridPos), "%s is on top of %s", p.Title, other.Title)
		}
		if p.Type == "row" {
			assert.Equal(t, place{X: 0, Y: at.Y, W: 24, H: 1}, at, p.Title)
			continue
		}
		assert.Equal(t, chosen, p.Datasource, p.Title)
		assert.NotEmpty(t, p.Targets, p.Title)
		refs := map[string]bool{}
		for _, target := range p.Targets {
			assert.Equal(t, chosen, target.Datasource, p.Title)
			assert.False(t, refs[target.RefID] || target.RefID == "", "%s: two queries have the name %q", p.Title, target.RefID)
			refs[target.RefID] = true
		}
		assert.Regexp(t, `^[A-Z][^\n]{40,}[^.]\.$`, p.Description, "%s: a sentence says what to do when it moves", p.Title)
		assert.NotRegexp(t, `\. [A-Z]`, p.Description, "%s: one sentence", p.Title)
	}
	assert.Equal(t, "row", d.Panels[0].Type)
}

func (a place) overlaps(b place) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}

func TestVariables(t *testing.T) {
	d := load(t)
	byName := map[string]variable{}
	for _, v := range d.Templating.List {
		byName[v.Name] = v
	}
	require.Equal(t, "datasource", d.Templating.List[0].Name, "the others are asked of it")
	assert.Equal(t, "datasource", byName["datasource"].Type)
	assert.JSONEq(t, `"prometheus"`, string(byName["datasource"].Query))
	for _, name := range []string{"job", "pipeline"} {
		v := byName[name]
		assert.Equal(t, "query", v.Type, name)
		assert.Equal(t, chosen, v.Datasource, name)
		assert.True(t, v.Multi && v.IncludeAll, name)
		assert.Equal(t, ".*", v.AllValue, "%s: whatever has no name is among all", name)
	}
	interval := byName["interval"]
	assert.Equal(t, "interval", interval.Type)
	var list string
	require.NoError(t, json.Unmarshal(interval.Query, &list))
	var options []string
	for _, o := range interval.Options {
		options = append(options, o.Value)
	}
	assert.Equal(t, strings.Split(list, ","), options)
	assert.Contains(t, options, interval.Current.Value)
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			assert.Contains(t, target.Expr, `job=~"$job", ductile_pipeline_name=~"$pipeline"`, p.Title)
		}
	}
}

// What one Grafana would leave in a dashboard that it exports has no place in another.
func TestNothingOfOneGrafanaIsLeft(t *testing.T) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.NotRegexp(t, `__inputs|__requires|__elements|pluginVersion|libraryPanel|https?://|DS_[A-Z]`, string(text))
	for _, uid := range regexp.MustCompile(`"uid": *"([^"]*)"`).FindAllStringSubmatch(string(text), -1) {
		assert.True(t, slices.Contains([]string{"ductile", chosen.UID}, uid[1]), uid[0])
	}
}
