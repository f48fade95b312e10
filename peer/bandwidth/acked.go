package bandwidth

import "time"

const (
	ackedStep  = 50 * time.Millisecond
	ackedSteps = 10
)

// ackedRate is what arrived in the last half second of the receiver's clock.
type ackedRate struct {
	bytes [ackedSteps]int
	step  int64
	begun int64
	any   bool
}

func (a *ackedRate) add(arrived time.Duration, bytes int) {
	step := int64(arrived / ackedStep)
	if !a.any || step > a.step+ackedSteps || step < a.step-ackedSteps {
		*a = ackedRate{step: step, begun: step, any: true}
	}
	for a.step < step {
		a.step++
		a.bytes[index(a.step)] = 0
	}
	if step > a.step-ackedSteps {
		a.bytes[index(step)] += bytes
	}
}

// rate in bit/s; 0 until a window's worth has been seen.
func (a *ackedRate) rate() float64 {
	if !a.any || a.step-a.begun < ackedSteps {
		return 0
	}
	sum := 0
	for i, b := range a.bytes {
		// The step under way is not whole yet.
		if i != index(a.step) {
			sum += b
		}
	}
	return float64(sum) * 8 / (float64(ackedSteps-1) * ackedStep.Seconds())
}

func index(step int64) int { return int(((step % ackedSteps) + ackedSteps) % ackedSteps) }
