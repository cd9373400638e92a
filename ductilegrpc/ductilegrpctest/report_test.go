package ductilegrpctest

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/ductiletest"
)

// reported is what tells a process which interceptors it is to judge.
const reported = "DUCTILEGRPCTEST_REPORTED"

// What Interceptor says is seen from outside, too.
func TestToBeReported(t *testing.T) {
	switch os.Getenv(reported) {
	case "gives up":
		Interceptor(t, retrying("gives up"))
	case "lets panics end all":
		Interceptor(t, hedging(""))
	default:
		t.Skip("for TestReport")
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	told := func(t *testing.T, flaw string) string {
		t.Helper()
		self, err := os.Executable()
		require.NoError(t, err)
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestToBeReported$", "-test.v")
		cmd.Env = append(os.Environ(), reported+"="+flaw)
		out, err := cmd.CombinedOutput()
		require.Error(t, err, "%s", out)
		return string(out)
	}
	t.Run("of a promise that is not kept", func(t *testing.T) {
		t.Parallel()
		out := told(t, "gives up")
		assert.Contains(t, out, "--- FAIL: TestToBeReported/hands_on_the_status_when_repeats_do_not_help ")
		assert.Contains(t, out, "--- SKIP: TestToBeReported/ends_copies_that_lose ")
		assert.Contains(t, out, "--- PASS: TestToBeReported/makes_five_attempts_at_most ")
		assert.Contains(t, out, `
          done:     called /grpc.testing.TestService/CacheableUnaryCall, of a server that always answers Unavailable, `)
		assert.Contains(t, out, `
          happened: the message of its status is "gave up", and its details are []
          owed:     an error with the server's status`)
	})
	t.Run("of a panic that ends the program", func(t *testing.T) {
		t.Parallel()
		out := told(t, "lets panics end all")
		_, end, all := strings.Cut(out, "=== RUN   TestToBeReported/ends_a_stream_that_nobody_reads")
		assert.True(t, all, "all others have been told by then")
		assert.Contains(t, end, "panic: ductilegrpctest.Interceptor: an inner interceptor panicked on another goroutine than its caller's")
	})
}

func TestJudgeInterceptor(t *testing.T) {
	t.Parallel()
	verdicts := slices.Collect(JudgeInterceptor(retrying("gives up")))
	of := func(promise string) Verdict {
		t.Helper()
		i := slices.IndexFunc(verdicts, func(v Verdict) bool { return v.Promise == promise })
		require.GreaterOrEqual(t, i, 0)
		return verdicts[i]
	}
	assert.Equal(t, Verdict{Promise: "keeps WaitForReady"}, of("keeps WaitForReady"))
	assert.Equal(t, Verdict{"ends copies that lose", ductiletest.Moot, "no copies are sent"}, of("ends copies that lose"))
	broken := of("hands on the status when repeats do not help")
	assert.Equal(t, ductiletest.Broken, broken.Outcome)
	assert.Contains(t, broken.Text, "happened: ")
	assert.Len(t, verdicts, len(pledges()))
	for range JudgeInterceptor(retrying("")) {
		break // who has read enough stops
	}
}

// Nothing is judged of interceptors that do not even answer.
func TestUnfit(t *testing.T) {
	t.Parallel()
	verdicts := slices.Collect(JudgeInterceptor(flaws()[0].options))
	assert.Equal(t, ductiletest.Broken, verdicts[0].Outcome)
	for _, v := range verdicts[1:] {
		assert.Equal(t, Verdict{v.Promise, ductiletest.Moot, "says nothing new of interceptors that fail in: " + handsOnReply}, v)
	}
}
