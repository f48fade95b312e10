package audio

// Gain scales samples in place by a factor that goes in a straight line from from (before the first sample) to to (at
// the last), so that a change of volume makes no click. What would be beyond full scale is clipped.
func Gain(samples []int16, from, to float32) {
	if from == to {
		switch from {
		case 1:
			return
		case 0:
			clear(samples)
			return
		}
	}
	g, step := from, (to-from)/float32(max(len(samples), 1))
	for i, s := range samples {
		g += step
		samples[i] = clip(float32(s) * g)
	}
}
