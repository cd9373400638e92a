package dashboards_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/rules"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rules returns those of alerts.yml, as Prometheus makes them.
func (s *server) rules(t *testing.T) (all []*rules.AlertingRule) {
	groups, errs := rulefmt.ParseFile("alerts.yml", false, model.UTF8Validation, s.parser, promslog.NewNopLogger())
	require.Empty(t, errs)
	for _, group := range groups.Groups {
		for _, r := range group.Rules {
			require.NotEmpty(t, r.Alert, "%s is no alert", r.Record)
			all = append(all, rules.NewAlertingRule(r.Alert, s.parse(t, r.Expr), time.Duration(r.For), time.Duration(r.KeepFiringFor),
				labels.FromMap(r.Labels), labels.FromMap(r.Annotations), labels.EmptyLabels(), "", true, promslog.NewNopLogger()))
		}
	}
	return all
}

// A story is when an alert fired.
type story struct {
	began, ended time.Duration // since the outage began, and since it ended; the last time
	times        int
	names        []string // the values of its labels
	says         labels.Labels
}

// stories evaluates a rule over the run, as Prometheus does each interval.
func (s *server) stories(t *testing.T, rule *rules.AlertingRule, interval time.Duration) map[string]*story {
	found, firing := map[string]*story{}, map[string]bool{}
	query := rules.EngineQueryFunc(s.engine, s.kept)
	for at := s.begin; !at.After(s.end); at = at.Add(interval) {
		_, err := rule.Eval(t.Context(), 0, at, query, nil, 0)
		require.NoError(t, err, rule.Name())
		now := map[string]bool{}
		for _, alert := range rule.ActiveAlerts() {
			if alert.State != rules.StateFiring {
				continue
			}
			who, names := about(alert.Labels)
			now[who] = true
			if found[who] == nil {
				found[who] = &story{began: at.Sub(s.down), names: names}
			}
			if !firing[who] {
				found[who].times++
			}
			found[who].says = alert.Annotations
		}
		for who := range firing {
			if !now[who] {
				found[who].ended = at.Sub(s.well)
			}
		}
		firing = now
	}
	assert.Empty(t, firing, "%s still fires at the end", rule.Name())
	return found
}

// about returns the labels of an alert by which it is told from others of its name, and their values.
func about(of labels.Labels) (who string, values []string) {
	var parts []string
	of.Range(func(l labels.Label) {
		if l.Name != labels.AlertName && l.Name != "severity" {
			parts, values = append(parts, l.Name+"="+l.Value), append(values, l.Value)
		}
	})
	return strings.Join(parts, " "), values
}

// expected is what a rule says of the run.
type expected struct {
	of            []string      // whom it names, but for the job
	within, clear time.Duration // after the outage began, and after it ended
}

var alerts = map[string]expected{
	"DuctileCallsFail": {
		[]string{pipeline("mail"), pipeline("orders"), pipeline("payments"), pipeline("reviews")}, 5 * time.Minute, 3 * time.Minute,
	},
	"DuctileBreakerOpen":        {[]string{policy("inventory", "inventory breaker")}, 5 * time.Minute, 4 * time.Minute},
	"DuctileBudgetExhausted":    {[]string{policy("payments", "retry")}, 5 * time.Minute, 3 * time.Minute},
	"DuctileShedding":           {[]string{policy("mail", "ratelimit"), policy("orders", "bulkhead")}, 5 * time.Minute, 3 * time.Minute},
	"DuctileDegradedAnswers":    {[]string{pipeline("inventory")}, 7 * time.Minute, 4 * time.Minute},
	"DuctileRetryAmplification": {[]string{pipeline("payments")}, 7 * time.Minute, 3 * time.Minute},
}

func pipeline(name string) string { return pipelineLabel + "=" + name + " job=" + job }
func policy(of, name string) string {
	return pipelineLabel + "=" + of + " ductile_policy_name=" + name + " job=" + job
}

func TestAlerts(t *testing.T) {
	s := asked(t)
	for _, interval := range []time.Duration{every, time.Minute} {
		told := map[string]bool{}
		for _, rule := range s.rules(t) {
			told[rule.Name()] = true
			want := alerts[rule.Name()]
			found := s.stories(t, rule, interval)
			assert.ElementsMatch(t, want.of, slices.Collect(maps.Keys(found)), rule.Name())
			for who, is := range found {
				assert.Equal(t, 1, is.times, "%s %s", rule.Name(), who)
				assert.Positive(t, is.began, "%s %s fired when all was well", rule.Name(), who)
				assert.LessOrEqual(t, is.began, want.within, "%s %s fired late", rule.Name(), who)
				assert.Positive(t, is.ended, "%s %s was quiet while the outage went on", rule.Name(), who)
				assert.LessOrEqual(t, is.ended, want.clear, "%s %s did not see that all is well", rule.Name(), who)
				for _, name := range is.names {
					assert.Contains(t, is.says.Get("summary"), name, "%s %s does not say whose it is", rule.Name(), who)
				}
				is.says.Range(func(l labels.Label) {
					assert.NotRegexp(t, `[<{}]|%!`, l.Value, "%s %s of %s", rule.Name(), l.Name, who)
				})
			}
		}
		for name := range alerts {
			assert.True(t, told[name], "there is no %s", name)
		}
	}
}

func TestAlertsSayWhatToDo(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	names := map[string]bool{}
	for _, rule := range asked(t).rules(t) {
		assert.False(t, names[rule.Name()], "there are two of %s", rule.Name())
		names[rule.Name()] = true
		assert.GreaterOrEqual(t, rule.HoldDuration(), 2*time.Minute, "%s alerts of a blip", rule.Name())
		assert.Contains(t, []string{"critical", "warning"}, rule.Labels().Get("severity"), rule.Name())
		assert.Contains(t, string(readme), fmt.Sprintf("\n| %#q | %s | %v |", rule.Name(), rule.Labels().Get("severity"), model.Duration(rule.HoldDuration())))
		summary, description := rule.Annotations().Get("summary"), rule.Annotations().Get("description")
		assert.Regexp(t, `^[^\n]+[^.]\.$`, summary, rule.Name())
		for _, said := range regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(description, -1) {
			assert.True(t, slices.ContainsFunc(load(t).Panels, func(p panel) bool { return p.Title == said[1] }), "%s: there is no panel %s", rule.Name(), said[1])
		}
		assert.GreaterOrEqual(t, strings.Count(description, ". "), 2, "%s: the description says what it means, and what to do", rule.Name())
	}
}
