package main_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	eapache "github.com/eapache/go-resiliency/breaker"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/go-kratos/aegis/circuitbreaker/sre"
	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	zero "github.com/zeromicro/go-zero/core/breaker"
	"github.com/zeromicro/go-zero/core/logx"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
)

const openTime = 10 * time.Second

// Breakers refuse calls in a bubble of testing/synctest, and none after a minute of its time.
func TestBubbles(t *testing.T) {
	logx.Disable()
	for _, row := range []struct {
		by  string
		new func() (call func(fn func() error) error)
	}{
		{"Ductile", func() func(func() error) error {
			p := ductile.New("bubble", breaker.New(breaker.OpenTime(openTime)))
			return func(fn func() error) error {
				return ductile.Run(context.Background(), p, func(context.Context) error { return fn() })
			}
		}},
		{"failsafe-go", func() func(func() error) error {
			return failsafe.With(circuitbreaker.NewBuilder[any]().WithFailureThreshold(5).WithDelay(openTime).Build()).Run
		}},
		{"gobreaker", func() func(func() error) error {
			b := gobreaker.NewCircuitBreaker[any](gobreaker.Settings{Timeout: openTime})
			return func(fn func() error) error {
				_, err := b.Execute(func() (any, error) { return nil, fn() })
				return err
			}
		}},
		{"go-resiliency", func() func(func() error) error { return eapache.New(5, 1, openTime).Run }},
		{"aegis", func() func(func() error) error {
			b := sre.NewBreaker()
			return func(fn func() error) error {
				if err := b.Allow(); err != nil {
					return err
				}
				err := fn()
				if err != nil {
					b.MarkFailed()
				} else {
					b.MarkSuccess()
				}
				return err
			}
		}},
		{"go-zero", func() func(func() error) error { return zero.NewBreaker().Do }},
	} {
		t.Run(row.by, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				call, made := row.new(), 0
				for range 1000 {
					assert.Error(t, call(func() error { made++; return errors.New("down") }))
				}
				assert.Less(t, made, 1000, "some are refused")
				time.Sleep(time.Minute)
				for range 100 {
					assert.NoError(t, call(func() error { return nil }))
				}
			})
		})
	}
}
