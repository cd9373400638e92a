package benchmarks

import "testing"

func TestWeigh(t *testing.T) {
	if got := Weigh(func(int) any { return new([64]byte) }, 100_000); got < 60 || got > 68 { // goroutines of peers come and go
		t.Errorf("64 bytes weigh %d", got)
	}
	for _, w := range Weights {
		if w.Goal <= 0 || w.Gate < w.Goal || w.Note == "" || w.What == "" {
			t.Errorf("%s: has no goal, or no words", w.Name)
		}
		for _, object := range append([]Object{w.Ours}, w.Peers...) {
			if object.Settings == "" {
				t.Errorf("%s: does not say what %s is set to", w.Name, object.By)
			}
			many := 5000
			if object.Many > 0 {
				many = 200 // it never goes
			}
			if Weigh(object.Make, many) < 32 {
				t.Errorf("%s by %s weighs nothing", w.Name, object.By)
			}
		}
	}
}

// A goroutine is something that an object keeps, too.
func TestWeighGoroutines(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	got := Weigh(func(int) any {
		go func() { <-end }()
		return nil
	}, 10_000)
	if got < 1500 { // 2 KiB and more, but for stacks that were there before
		t.Errorf("a goroutine weighs %d", got)
	}
}
