package ratelimit_test

import (
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/ratelimit"
)

func BenchmarkAdmitted(b *testing.B) { benchmark(b, ratelimit.New(1e12, 1_000)) }

func BenchmarkRefused(b *testing.B) { benchmark(b, ratelimit.New(rate.Every(time.Hour), 1)) }

func benchmark(b *testing.B, l *ratelimit.Limiter) {
	b.Helper()
	ctx := b.Context()
	b.Run("alone", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			_, _ = l.Acquire(ctx)
		}
	})
	b.Run("contended", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_, _ = l.Acquire(ctx)
			}
		})
	})
}

// What golang.org/x/time/rate costs by itself.
func BenchmarkAllow(b *testing.B) {
	for name, l := range map[string]*rate.Limiter{
		"admitted": rate.NewLimiter(1e12, 1_000),
		"refused":  rate.NewLimiter(rate.Every(time.Hour), 1),
	} {
		b.Run(name+"/alone", func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				l.Allow()
			}
		})
		b.Run(name+"/contended", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					l.Allow()
				}
			})
		})
	}
}
