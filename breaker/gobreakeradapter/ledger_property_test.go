package gobreakeradapter_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
)

// counter is a breaker that admits all and notes how often it hears of each call.
type counter struct{ heard []int }

func (*counter) Name() string { return "" }
func (c *counter) Allow() (func(error), error) {
	call := len(c.heard)
	c.heard = append(c.heard, 0)
	return func(error) { c.heard[call]++ }, nil
}

// Whatever the order in which calls begin and end, and how often: each is heard of once, when it ends for the first time, and no two that
// are out at the same time, or ever, have the same token.
func TestGateIsALedger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := new(counter)
		g := gobreakeradapter.NewGate(c)
		tokens := []uint64{}
		ended := map[int]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"begin": func(t *rapid.T) {
				token, err := g.Acquire(always)
				require.NoError(t, err)
				require.NotContains(t, tokens, token)
				tokens = append(tokens, token)
			},
			"end": func(t *rapid.T) {
				if len(tokens) == 0 {
					t.Skip("none has begun")
				}
				call := rapid.IntRange(0, len(tokens)-1).Draw(t, "call")
				g.Release(tokens[call], nil)
				ended[call] = true
			},
			"end of nothing": func(t *rapid.T) {
				token := rapid.Uint64Range(0, 1<<34).Draw(t, "token")
				for _, known := range tokens {
					if token == known {
						t.Skip("somebody's")
					}
				}
				g.Release(token, errDown)
			},
			"": func(t *rapid.T) {
				for call, times := range c.heard {
					want := 0
					if ended[call] {
						want = 1
					}
					require.Equal(t, want, times, "call %d", call)
				}
			},
		})
	})
}
