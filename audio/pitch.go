package audio

import "math"

// Pitch finds the length of the period that the end of samples repeats with, between shortest and longest samples, by
// normalised correlation over the last match samples; len(samples) must be at least longest+match. The search is coarse
// first (stride samples), then exact around the best.
// Errors: none; the longest period is the answer where nothing repeats.
func pitch(samples []int16, shortest, longest, match, stride int) int {
	best := pitchSearch(samples, shortest, longest, match, stride, stride)
	if stride > 1 {
		best = pitchSearch(samples, max(shortest, best-stride), min(longest, best+stride), match, 1, stride)
	}
	return best
}

func pitchSearch(samples []int16, from, to, match, step, stride int) int {
	tail := samples[len(samples)-match:]
	best, top := to, math.Inf(-1)
	for lag := to; lag >= from; lag -= step {
		back := samples[len(samples)-match-lag : len(samples)-lag]
		var cross, energy int64
		for i := 0; i < len(back); i += stride {
			b := int64(back[i])
			cross += b * int64(tail[i])
			energy += b * b
		}
		if score := float64(cross) / math.Sqrt(float64(energy)+1); score > top {
			best, top = lag, score
		}
	}
	return best
}
