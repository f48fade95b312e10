package openh264

import (
	"errors"
	"fmt"
)

// errUnbounded says that slices became as small as they go and one was too long still.
var errUnbounded = errors.New("openh264: NAL units do not get small enough")

const (
	// smallestNAL that may be asked for, bytes: OpenH264 wants room for a macroblock of the worst kind, and this package for
	// making slices smaller.
	smallestNAL = 600
	// step by which slices become smaller, bytes.
	step = 60
	// smallestSlice that OpenH264 is asked for, bytes.
	smallestSlice = 480
)

// longest is the size of the longest NAL unit of the last access unit, bytes, without its start code.
func (e *Encoder) longest() int {
	n := 0
	for i := range int(e.c.info.iLayerNum) {
		for _, size := range units(&e.c.info.sLayerInfo[i]) {
			n = max(n, int(size)-startCode)
		}
	}
	return n
}

// tighten has OpenH264 keep to smaller slices, by a new one. It ends a slice before the macroblock that would not fit, but
// not before the last of a picture: that one may make its slice too long.
func (e *Encoder) tighten() error {
	if e.slice-step < smallestSlice {
		return fmt.Errorf("%w: the longest has %d bytes, the bound is %d", errUnbounded, e.longest(), e.config.MaxNAL)
	}
	e.slice -= step
	e.Close()
	return e.open()
}
