// Package transcode turns a stream of one codec into another: the Plan says what has to be done, the stages do it.
package transcode

import (
	"legroom/media"
)

// Plan is what has to be done to carry a stream to a leg.
type Plan struct {
	steps [maxSteps]Step
	n     int
}

const maxSteps = 4

// Step is one conversion.
type Step struct {
	Op       Op
	From, To media.Codec
	Device   string
}

// Op is what a Step does.
type Op uint8
