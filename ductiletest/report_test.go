package ductiletest

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
)

// What Gate says of a gate is seen from outside: this test binary runs itself, with a gate that is not in order.
const reported = "DUCTILETEST_REPORTED"

func TestGateToBeReported(t *testing.T) {
	switch os.Getenv(reported) {
	case "leak":
		Gate(t, keeps(fault.ClassAborted))
	case "nameless":
		Gate(t, func() ductile.Gate { return nameless{&hall{limit: 4}} })
	case "unfit":
		Gate(t, func() ductile.Gate { return staying(&hall{limit: 4}) })
	default:
		t.Skip("for TestReport")
	}
}

func report(t *testing.T, gate string) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestGateToBeReported$", "-test.v")
	cmd.Env = append(os.Environ(), reported+"="+gate)
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	require.ErrorAs(t, err, &failed, "%s", out)
	require.Equal(t, 1, failed.ExitCode(), "%s", out)
	return string(out)
}

func TestReport(t *testing.T) {
	t.Run("of a promise that is not kept", func(t *testing.T) {
		out := report(t, "leak")
		assert.Contains(t, out, "a fresh gate (\"hall\") admits 4 at once, then refuses\n")
		assert.Contains(t, out, "--- FAIL: TestGateToBeReported/gives_back_after_a_panic ")
		assert.Contains(t, out, "--- PASS: TestGateToBeReported/gives_back_after_Goexit ")
		assert.Contains(t, out, "--- PASS: TestGateToBeReported/keeps_its_places_under_load ", "without the end that is known to keep them")
		assert.Contains(t, out, "--- SKIP: TestGateToBeReported/who_waits_is_served ")
		assert.Contains(t, out, ": lets no call wait\n")
		assert.Contains(t, out, `
          done:     made calls that ended in a panic, 50 or as many as it admitted at once
          happened: 71 hours later, and after calls that succeed, it admits 0 at once; a fresh one admits 4
          owed:     whatever the call took is back once it is released, however it ended. ductile.Gate: "Release is called exactly once`)
	})
	t.Run("of a gate that no pipeline takes", func(t *testing.T) {
		out := report(t, "nameless")
		assert.Contains(t, out, "--- FAIL: TestGateToBeReported/has_a_name_and_one_shape ")
		assert.NotContains(t, out, "gives_back")
	})
	t.Run("of a gate that cannot be judged", func(t *testing.T) {
		out := report(t, "unfit")
		assert.Contains(t, out, "this gate cannot be judged: \n          done:     let an hour pass after the last call\n")
		assert.NotContains(t, out, "gives_back")
	})
}
