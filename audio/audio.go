// Package audio is what can be done to a stretch of sound without knowing where it comes from: resample, measure, find
// speech, scale, limit, conceal a gap, fill silence. Everything works on signed 16 bit samples of one channel, runs in
// the caller's goroutine and makes no memory once it is warm. Digital silence stays digital silence: nothing dithers.
package audio

// Rates that the package converts between, Hz.
const (
	Narrow = 8000
	Wide   = 16000
	Full   = 48000
)
