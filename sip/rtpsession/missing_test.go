package rtpsession

import (
	"slices"
	"testing"
	"time"
)

// TestMissing: what is due when, and that it is bounded.
func TestMissing(t *testing.T) {
	const ms = time.Millisecond
	now := time.Unix(100, 0)
	var m missing
	took := func(n uint16, after time.Duration) []uint16 {
		now = now.Add(after)
		m.took(7, n, now)
		return slices.Clone(m.ask(0, now))
	}
	steps := []struct {
		number uint16
		after  time.Duration
		want   []uint16
	}{
		{65534, 0, nil}, {0, 0, nil}, {1, 0, []uint16{65535}}, {2, 10 * ms, nil}, {3, 20 * ms, []uint16{65535}},
		{65535, 0, nil}, {4, 40 * ms, nil}, // it came
		{6, 0, nil}, {7, 11 * ms, []uint16{5}}, {8, 30 * ms, []uint16{5}}, {9, 30 * ms, []uint16{5}}, {10, 30 * ms, []uint16{5}},
		{11, 30 * ms, []uint16{5}}, {12, 30 * ms, nil}, // five times are enough
		{14, 0, nil}, {15, 600 * ms, nil}, // too old
		{500, 0, nil}, {501, 0, nil}, // too much
	}
	for i, s := range steps {
		if got := took(s.number, s.after); !slices.Equal(got, s.want) {
			t.Errorf("step %d: %v, want %v", i, got, s.want)
		}
	}
	for i := range uint16(200) { // every other packet
		m.took(7, 501+2*i, now)
	}
	if m.n > maxMissing || m.list[m.n-1].number != 501+2*199-1 {
		t.Errorf("%d missing, the newest %d", m.n, m.list[m.n-1].number)
	}
	if m.took(8, 9, now); m.n != 0 {
		t.Error("what another source misses is nobody's")
	}
}
