package audio

import (
	"math"

	"legroom/media"
)

// Silence is the Level of digital silence and of everything below it.
const Silence media.Level = 127

// Level measures loudness: the root mean square of samples below that of a full-scale square wave, in whole -dBov, 0 to
// 127. A full-scale sine is 3. Source: RFC 6465 section 4 and its appendix.
func Level(samples []int16) media.Level {
	var sum int64
	for _, s := range samples {
		sum += int64(s) * int64(s)
	}
	if sum == 0 {
		return Silence
	}
	mean := float64(sum) / float64(len(samples)) / (32768 * 32768)
	return media.Level(min(max(math.Round(-10*math.Log10(mean)), 0), 127))
}
