package rtpsession

import (
	"testing"
	"time"
)

// TestResendsAreBounded: a peer that asks for all of it again and again gets a burst, and then a share.
func TestResendsAreBounded(t *testing.T) {
	r := newResends()
	now := time.Unix(100, 0)
	for i := range uint16(1000) {
		r.keep(i, []byte{byte(i)}, now)
	}
	again := func() (n int) {
		now = now.Add(time.Second)
		for i := range uint16(1000) {
			if b, _ := r.again(i, 0, now); b != nil {
				n++
				if b[0] != byte(i) || i < 1000-resendMemory {
					t.Fatalf("packet %d gave %v", i, b)
				}
			}
		}
		return n
	}
	if n := again(); n != resendBurst {
		t.Errorf("a burst of %d", n)
	}
	for _, step := range []struct {
		after, pause time.Duration
		sent         bool
	}{{10 * time.Millisecond, 0, false}, {9 * time.Millisecond, 0, false}, {time.Millisecond, 0, true}, {50 * time.Millisecond, 60 * time.Millisecond, false}, {10 * time.Millisecond, 60 * time.Millisecond, true}} {
		r.credit += resendShare
		now = now.Add(step.after)
		if b, wait := r.again(999-resendMemory+1, step.pause, now); (b != nil) != step.sent || wait == step.sent {
			t.Errorf("after %v with a pause of %v: sent %v, throttled %v", step.after, step.pause, b != nil, wait)
		}
	}
	r.credit = 0
	if n := again(); n != 0 {
		t.Errorf("%d more without anything sent", n)
	}
	for i := range uint16(40) {
		r.keep(1000+i, []byte{0}, now)
	}
	if n := again(); n != 40/resendShare {
		t.Errorf("%d for 40 packets sent", n)
	}
	r.forget()
	if b, wait := r.again(1000, 0, now); b != nil || wait {
		t.Error("something is left")
	}
}
