package dashboards_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A dashboard is what Grafana reads of ductile.json, as far as it is tested.
type dashboard struct {
	ID            *int64
	UID           string
	Title         string
	SchemaVersion int
	Templating    struct{ List []variable }
	Panels        []panel
}

type variable struct {
	Name, Type, AllValue string
	Definition           string // of a query, as it is shown to who edits it
	Datasource           source
	Query                json.RawMessage
	Multi, IncludeAll    bool
	Options              []struct{ Value string }
	Current              struct{ Value any }
}

type source struct{ Type, UID string }

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               source
	GridPos                  place
	Targets                  []target
	Panels                   []panel
}

type place struct{ X, Y, W, H int }

type target struct {
	RefID, Expr, LegendFormat string
	Datasource                source
}

const path = "ductile.json"

func load(t *testing.T) dashboard {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var d dashboard
	require.NoError(t, json.Unmarshal(text, &d))
	return d
}

// values are what is chosen for the variables of a dashboard.
type values map[string][]string

// all chooses what a dashboard shows when it is opened.
func (d dashboard) all() values {
	chosen := values{}
	for _, v := range d.Templating.List {
		switch is := v.Current.Value.(type) {
		case string:
			chosen[v.Name] = []string{is}
		case []any:
			if v.IncludeAll && len(is) == 1 && is[0] == "$__all" {
				chosen[v.Name] = []string{v.AllValue}
			}
		}
	}
	return chosen
}

// with returns the values with those of one variable replaced.
func (v values) with(name string, chosen ...string) values {
	changed := values{name: chosen}
	for other, of := range v {
		if other != name {
			changed[other] = of
		}
	}
	return changed
}

var (
	written = regexp.MustCompile(`\$(?:(\w+)|\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\])`)
	special = regexp.MustCompile(`[$^*{}\[\]'+?.()|]`)
)

// quote quotes a value once for the regular expression that it becomes a part of, and once for the string that this is written in.
func quote(value string) string {
	return special.ReplaceAllString(strings.ReplaceAll(value, `\`, `\\\\`), `\\$0`)
}

// interpolate returns an expression as Grafana sends it to Prometheus: a value alone is as it is, of variables with several values each is
// quoted for a regular expression, and several are alternatives. The value for all is as it is.
func (d dashboard) interpolate(t *testing.T, expr string, chosen values) string {
	return written.ReplaceAllStringFunc(expr, func(ref string) string {
		name := strings.Join(written.FindStringSubmatch(ref)[1:], "")
		of, ok := chosen[name]
		require.True(t, ok, "%s: there is no variable %s", expr, name)
		var v variable
		for _, other := range d.Templating.List {
			if other.Name == name {
				v = other
			}
		}
		if len(of) == 1 && (of[0] == v.AllValue || !v.Multi) {
			return of[0]
		}
		quoted := make([]string, len(of))
		for i, value := range of {
			quoted[i] = quote(value)
		}
		if len(quoted) == 1 {
			return quoted[0]
		}
		return "(" + strings.Join(quoted, "|") + ")"
	})
}

func TestInterpolation(t *testing.T) {
	d := load(t)
	const expr = `rate(x{a=~"$pipeline", b=~"${pipeline:regex}"}[$interval])`
	for says, chosen := range map[string]values{
		`rate(x{a=~".*", b=~".*"}[2m])`:               d.all(),
		`rate(x{a=~"mail", b=~"mail"}[2m])`:           d.all().with("pipeline", "mail"),
		`rate(x{a=~"a\\.b", b=~"a\\.b"}[2m])`:         d.all().with("pipeline", "a.b"),
		`rate(x{a=~"a\\\\b", b=~"a\\\\b"}[2m])`:       d.all().with("pipeline", `a\b`),
		`rate(x{a=~"(a|b)", b=~"(a|b)"}[1h])`:         d.all().with("pipeline", "a", "b").with("interval", "1h"),
		`rate(x{a=~"(a\\|b|c)", b=~"(a\\|b|c)"}[2m])`: d.all().with("pipeline", "a|b", "c"),
	} {
		assert.Equal(t, says, d.interpolate(t, expr, chosen))
	}
}
