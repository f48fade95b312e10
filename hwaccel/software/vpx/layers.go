package vpx

// #include "shim.h"
import "C"

// maxLayers is how many temporal layers are known here.
const maxLayers = 3

// place of a picture among temporal layers: the layer, and what it may be predicted from and leave behind.
type place struct {
	layer int
	flags int
}

const (
	// onLast is predicted from the last picture of the lowest layer alone.
	onLast = C.VP8_EFLAG_NO_REF_GF | C.VP8_EFLAG_NO_REF_ARF
	// leavesNothing may be left out unseen: it changes no picture that others are predicted from, and no tables.
	leavesNothing = C.VP8_EFLAG_NO_UPD_LAST | C.VP8_EFLAG_NO_UPD_GF | C.VP8_EFLAG_NO_UPD_ARF | C.VP8_EFLAG_NO_UPD_ENTROPY
	// carries is the lowest layer.
	carries = onLast | C.VP8_EFLAG_NO_UPD_GF | C.VP8_EFLAG_NO_UPD_ARF
	// middle leaves the golden picture, which only the layer above it looks at, until the middle comes again.
	middle = onLast | C.VP8_EFLAG_NO_UPD_LAST | C.VP8_EFLAG_NO_UPD_ARF | C.VP8_EFLAG_NO_UPD_ENTROPY
)

// placeOf gives the place of a picture so many pictures after a key frame.
func placeOf(layers, phase int) place {
	switch layers {
	case 2:
		return [2]place{{0, carries}, {1, onLast | leavesNothing}}[phase%2]
	case 3:
		return [4]place{
			{0, carries}, {2, onLast | leavesNothing},
			{1, middle}, {2, C.VP8_EFLAG_NO_REF_ARF | leavesNothing},
		}[phase%4]
	default:
		return place{}
	}
}
