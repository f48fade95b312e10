package audio

import (
	"time"

	"legroom/media"
)

// Numbers of the VAD, dB and time.
const (
	vadAbove    = 10                     // speech is this much above the noise
	vadFaint    = 62                     // nothing below -62 dBov is speech
	vadLoud     = 20                     // everything from -20 dBov up is, however loud the noise seems to be
	vadHangover = 400 * time.Millisecond // kept after the last loud frame: stops between syllables and soft endings
	vadRise     = 3                      // dB/s that the noise estimate rises by while it is exceeded
	vadStart    = 55                     // noise assumed before anything was heard
)

// VAD tells speech from background by loudness alone, so it works on the levels in RTP headers (RFC 6464) as well as on
// decoded sound. Speech is recognised in its first frame, so that no syllable is lost, and held for 400 ms; the noise it
// is compared with falls at once with the quietest frames and rises slowly. The zero value is ready.
type VAD struct {
	heard bool
	noise float64 // dB below full scale
	hold  time.Duration
}

// Active takes the level of the next stretch of sound, of length d, and tells whether it belongs to speech.
// media.NoLevel counts as silence.
func (v *VAD) Active(level media.Level, d time.Duration) bool {
	quiet := float64(min(level, Silence))
	if !v.heard {
		v.heard, v.noise = true, vadStart
	}
	speech := quiet <= vadFaint && (quiet <= v.noise-vadAbove || quiet <= vadLoud)
	v.adapt(quiet, d)
	if speech {
		v.hold = vadHangover
		return true
	}
	v.hold = max(v.hold-d, 0)
	return v.hold > 0
}

// Noise is the estimate of the background.
func (v *VAD) Noise() media.Level {
	if !v.heard {
		return Silence
	}
	return media.Level(v.noise)
}

func (v *VAD) adapt(quiet float64, d time.Duration) {
	if quiet >= v.noise {
		// Down by half the distance a frame: digital silence between words is not believed wholly at once.
		v.noise += (min(quiet, 90) - v.noise) * 0.5 * min(d.Seconds()/0.02, 1)
		return
	}
	v.noise = max(v.noise-vadRise*d.Seconds(), quiet)
}
