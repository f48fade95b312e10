package rtpsession

import (
	"math"
	"testing"
	"time"
)

// TestLossRate: down above a bound that is higher where losses are mended, up slowly, and free again.
func TestLossRate(t *testing.T) {
	var l lossRate
	p := lossPoint{at: time.Unix(100, 0)}
	sent := 125_000.0 // bytes a second: 1 Mbit/s
	step := func(share float64, mended bool) bool {
		p.at = p.at.Add(5 * time.Second)
		p.highest += 500
		p.lost += int64(share * 500)
		p.octets += uint32(5 * sent)
		p.packets += 500
		return l.report(p, mended, 2_000_000)
	}
	step(0, false)
	if step(0.01, false) || l.limit != 0 {
		t.Errorf("limit %.0f without a reason", l.limit)
	}
	if step(0.08, true) || l.limit != 0 {
		t.Errorf("limit %.0f of losses that are mended", l.limit)
	}
	if !step(0.08, false) || math.Abs(l.limit-910_000) > 1000 {
		t.Errorf("limit %.0f at 8 %%", l.limit)
	}
	if !step(0.5, true) || math.Abs(l.limit-637_000) > 1000 {
		t.Errorf("limit %.0f at 50 %%", l.limit)
	}
	for range 100 {
		step(0.9, false)
	}
	if l.limit != leastRate {
		t.Errorf("limit %.0f under heavy loss", l.limit)
	}
	if !step(0, false) || math.Abs(l.limit-1.1*leastRate) > 1000 {
		t.Errorf("limit %.0f after 5 s without loss", l.limit)
	}
	n := 0
	for ; l.limit > 0; n++ {
		if n > 100 {
			t.Fatalf("limit %.0f after %d reports without loss", l.limit, n)
		}
		step(0, false)
	}
	if n < 20 {
		t.Errorf("free after %d reports: not slowly", n)
	}
	// Reports that come too often, or tell of few packets, are taken together.
	step(0, false)
	for range 10 {
		p.at, p.highest, p.lost = p.at.Add(50*time.Millisecond), p.highest+1, p.lost+1
		if l.report(p, false, 0) {
			t.Error("changed by one packet")
		}
	}
	p.at, p.highest = p.at.Add(time.Second), p.highest+20
	if !l.report(p, false, 0) {
		t.Error("a third of what was sent was lost, and nothing changed")
	}
}
