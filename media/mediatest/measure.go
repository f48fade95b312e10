package mediatest

import "math"

// ToneShare is the share of the energy of samples that is one sine of freq Hz, 0 to 1; silence has none. The sine is
// fitted (a Goertzel filter without its need for whole periods), so a phase jump in the stretch costs share.
func ToneShare(samples []int16, rate int, freq float64) float64 {
	var cc, ss, cs, xc, xs, xx float64
	turnS, turnC := math.Sincos(2 * math.Pi * freq / float64(rate))
	var s, c float64
	for i, v := range samples {
		// The sine is turned on from sample to sample, and set right often enough to stay exact.
		if i%256 == 0 {
			s, c = math.Sincos(2 * math.Pi * freq * float64(i) / float64(rate))
		} else {
			s, c = s*turnC+c*turnS, c*turnC-s*turnS
		}
		x := float64(v)
		cc += c * c
		ss += s * s
		cs += c * s
		xc += x * c
		xs += x * s
		xx += x * x
	}
	det := cc*ss - cs*cs
	if xx == 0 || det == 0 {
		return 0
	}
	a, b := (xc*ss-xs*cs)/det, (xs*cc-xc*cs)/det
	return (a*xc + b*xs) / xx
}

// RMS is the root mean square of samples, 0 to 1 of full scale.
func RMS(samples []int16) float64 {
	if len(samples) == 0 {
		return 0
	}
	var sum float64
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum/float64(len(samples))) / 32768
}

// DB gives a ratio of amplitudes in dB.
func DB(ratio float64) float64 { return 20 * math.Log10(ratio) }

// SNR is how far the difference of got from want lies below want, dB; both must be aligned and of one length.
func SNR(want, got []int16) float64 {
	var signal, noise float64
	for i := range want {
		d := float64(want[i]) - float64(got[i])
		signal += float64(want[i]) * float64(want[i])
		noise += d * d
	}
	return 10 * math.Log10(signal/noise)
}

// PSNR compares two planes of 8 bit samples of one size, dB; equal planes give +Inf.
func PSNR(want, got []byte) float64 {
	var sum float64
	for i := range want {
		d := float64(want[i]) - float64(got[i])
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(want))/sum)
}
