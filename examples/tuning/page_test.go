package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductiletest"
)

const page = "../../docs/tuning.md"

func text(t *testing.T, file string) string {
	t.Helper()
	read, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(read)
}

// words are a text without its layout.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// The code on the page is this program's, and what it prints is what this program prints, but for how many calls there were.
func TestThePageIsTheProgram(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var program strings.Builder
	for _, file := range files {
		program.WriteString(words(text(t, file)) + "\n")
	}
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(`\d+ calls`)
	printed := words(number.ReplaceAllString(out.String(), "N calls"))
	seen := map[string]int{}
	for i, block := range strings.Split(text(t, page), "```") {
		if i%2 == 0 {
			continue
		}
		language, code, _ := strings.Cut(block, "\n")
		if strings.HasPrefix(code, "plan of ") {
			continue // of the README's pipeline: a test of the root's holds it
		}
		seen[language]++
		switch language {
		case "go":
			if !strings.Contains(program.String(), words(code)) {
				t.Errorf("not in the program:\n%s", code)
			}
		case "text":
			if words(number.ReplaceAllString(code, "N calls")) != printed {
				t.Errorf("the program does not print:\n%s", code)
			}
		default:
			t.Errorf("a block of %q", language)
		}
	}
	if seen["go"] < 6 || seen["text"] != 1 {
		t.Errorf("the page has %v", seen)
	}
}

// The chances on the page are the binomial distribution's.
func TestTheChances(t *testing.T) {
	_, rows, _ := strings.Cut(text(t, page), "| fails steadily | of 20 calls | of 50 | of 100 |\n|---|---|---|---|\n")
	rows, _, _ = strings.Cut(rows, "\n\n")
	var want []string
	for _, percent := range []int{10, 20, 30, 40} {
		chance := func(calls int) string { return inWords(opens(calls, float64(percent)/100)) }
		want = append(want, fmt.Sprintf("| %d %% | %s | %s | %s |", percent, chance(20), chance(50), chance(100)))
	}
	if got := strings.Split(rows, "\n"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the page has\n%s\nand it is\n%s", rows, strings.Join(want, "\n"))
	}
}

// opens returns how likely half or more of so many calls fail of which each fails with a probability.
func opens(calls int, p float64) (sum float64) {
	for failures := (calls + 1) / 2; failures <= calls; failures++ {
		ways, _ := math.Lgamma(float64(calls + 1))
		chosen, _ := math.Lgamma(float64(failures + 1))
		others, _ := math.Lgamma(float64(calls - failures + 1))
		sum += math.Exp(ways - chosen - others + float64(failures)*math.Log(p) + float64(calls-failures)*math.Log1p(-p))
	}
	return sum
}

// inWords returns a chance as the page has it, to two digits.
func inWords(chance float64) string {
	once := 1 / chance
	if once > 1e9 {
		return "1 in more than a billion"
	}
	unit := math.Pow(10, math.Floor(math.Log10(once))-1)
	text := strconv.FormatFloat(math.Round(once/unit)*unit, 'f', 6, 64)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if once >= 10 {
		text = strconv.Itoa(int(math.Round(once/unit) * unit))
	}
	for i := len(text) - 3; i > 0 && once >= 10; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return "1 in " + text
}

// The lines that the page shows beside the program work.
func TestTheLines(t *testing.T) {
	k := newKnobs(defaults())
	ductiletest.NoWarnings(t, k.pipeline)
	err := k.breaker.Update(breaker.FailureRate(0.3), breaker.OpenTime(time.Second))
	if err != nil || !strings.HasPrefix(k.breaker.String(), "opens at 30 % failures") {
		t.Error(err, k.breaker)
	}
}
