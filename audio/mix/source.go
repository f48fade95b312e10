package mix

import "legroom/media"

// Source is sound read at the mixer's pace: a prompt, a tone, music.
type Source interface {
	// Read fills dst with the next samples at rate Hz and answers how many there were; fewer than len(dst) means that it
	// has ended. It never blocks and does not keep dst.
	Read(dst []int16, rate int) (n int)
}

// Playout is the clocked buffer between a network's pace and the mixer's; media/jitter.Playout is one.
type Playout interface {
	// Write takes decoded sound as it comes.
	Write(*media.PCM) error
	// Read fills dst, made up where nothing came, and answers how many samples are real and how loud they are. It never
	// blocks.
	Read(dst []int16) (n int, level media.Level)
}
