package e2ee_test

import (
	"slices"
	"testing"
	"time"

	"legroom/e2ee"
)

// TestEarly: order is kept, what is too old or too much is dropped, and nothing comes twice.
func TestEarly(t *testing.T) {
	var e e2ee.Early
	start := time.Unix(0, 0)
	var got []byte
	release := func(after time.Duration) []byte {
		got = nil
		e.Release(start.Add(after), func(f []byte) { got = append(got, f...) })
		return got
	}
	for round := range 2 {
		for i := range byte(100) {
			e.Hold(start.Add(time.Duration(i)*10*time.Millisecond), []byte{i})
		}
		want := make([]byte, 0, 100)
		for i := byte(50); i < 100; i++ {
			want = append(want, i)
		}
		if out := release(time.Second); !slices.Equal(out, want) {
			t.Errorf("round %d: %v, want 50 to 99", round, out)
		}
		if out := release(0); len(out) != 0 {
			t.Errorf("round %d: %v came twice", round, out)
		}
	}
	for i := range byte(100) {
		e.Hold(start, []byte{i})
	}
	if out := release(0); len(out) != 64 || out[0] != 36 {
		t.Errorf("%d frames from %d on, want the newest 64", len(out), out[0])
	}
	frame := make([]byte, 100)
	if n := testing.AllocsPerRun(200, func() { e.Hold(start, frame) }); n != 0 {
		t.Errorf("%v allocations a frame in steady state", n)
	}
}
