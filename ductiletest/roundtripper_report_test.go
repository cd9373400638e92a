package ductiletest

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What RoundTripper says is seen from outside, too.
func TestRoundTripperToBeReported(t *testing.T) {
	switch os.Getenv(reported) {
	case "wraps upgrades":
		RoundTripper(t, answering(func(answer *http.Response) (*http.Response, error) {
			if answer.StatusCode == http.StatusSwitchingProtocols {
				answer.Body = &draining{answer.Body}
			}
			return answer, nil
		}))
	case "lets panics end all":
		RoundTripper(t, hedging("lets panics end all"))
	default:
		t.Skip("for TestRoundTripperReport")
	}
}

func TestRoundTripperReport(t *testing.T) {
	told := func(flaw string) string {
		t.Helper()
		self, err := os.Executable()
		require.NoError(t, err)
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestRoundTripperToBeReported$", "-test.v")
		cmd.Env = append(os.Environ(), reported+"="+flaw)
		out, err := cmd.CombinedOutput()
		require.Error(t, err, "%s", out)
		return string(out)
	}
	t.Run("of a promise that is not kept", func(t *testing.T) {
		out := told("wraps upgrades")
		assert.Contains(t, out, "--- FAIL: TestRoundTripperToBeReported/hands_on_an_upgraded_connection/HTTP/1.1 ")
		assert.Contains(t, out, "--- SKIP: TestRoundTripperToBeReported/hands_on_an_upgraded_connection/HTTP/2 ")
		assert.Contains(t, out, "--- PASS: TestRoundTripperToBeReported/streams_an_answer/h2c ")
		assert.Contains(t, out, "--- PASS: TestRoundTripperToBeReported/lets_a_panic_of_the_base_pass ")
		assert.Contains(t, out, `
          done:     sent a GET that is answered 101, and wrote to the answer's body
          happened: the body, a *ductiletest.draining, is no io.ReadWriteCloser: a reverse proxy refuses it
          owed:     the connection itself. net/http.Response: "As of Go 1.12, `)
	})
	t.Run("of a panic that ends the program", func(t *testing.T) {
		out := told("lets panics end all")
		_, end, all := strings.Cut(out, "=== RUN   TestRoundTripperToBeReported/lets_go_of_the_caller's_context/h2c")
		assert.True(t, all, "all others have been told by then")
		assert.Contains(t, end, "panic: ductiletest.RoundTripper: the base panicked on another goroutine than its caller's")
	})
}

func TestJudgeRoundTripper(t *testing.T) {
	t.Parallel()
	verdicts := slices.Collect(JudgeRoundTripper(embodying(func(body io.ReadCloser) io.ReadCloser { return &ending{body} })))
	of := func(promise, protocol string) Verdict {
		t.Helper()
		i := slices.IndexFunc(verdicts, func(v Verdict) bool { return v.Promise == promise && v.Protocol == protocol })
		require.GreaterOrEqual(t, i, 0)
		return verdicts[i]
	}
	assert.Equal(t, Verdict{Promise: "keeps the header", Protocol: "h2c"}, of("keeps the header", "h2c"))
	moot := of("hands on an upgraded connection", "HTTP/2")
	assert.Equal(t, Moot, moot.Outcome)
	assert.Contains(t, moot.Text, "HTTP/2 has no 101")
	broken := of("says that an answer broke off", "HTTP/1.1")
	assert.Equal(t, Broken, broken.Outcome)
	assert.Contains(t, broken.Text, "happened: the body came to its end without an error")
	assert.Equal(t, Kept, of("lets a panic of the base pass", "").Outcome)
	assert.Equal(t, "kept broken moot Outcome(3)", fmt.Sprint(Kept, Broken, Moot, Outcome(3)))
}

// Who has read enough stops the examination, which does not wait for what it has begun.
func TestExaminationsEnd(t *testing.T) {
	patient := slow()
	patient.own, patient.watch = time.Hour, time.Hour
	e := examine(retrying(""), patient)
	assert.NotEmpty(t, e.early)
	e.end()
	for range JudgeRoundTripper(retrying("")) {
		break
	}
}
