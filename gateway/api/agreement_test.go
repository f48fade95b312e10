package api

import (
	"testing"

	"legroom/media"
)

func TestAgreement(t *testing.T) {
	vp8, h264 := media.VP8, media.H264
	for name, c := range map[string]struct {
		offers [][]media.CodecName
		want   []media.CodecName
	}{
		"VP8 first, whatever the order":      {[][]media.CodecName{{h264, vp8}, {h264}, {vp8}}, []media.CodecName{vp8, vp8, vp8}},
		"H.264 where the first has no VP8":   {[][]media.CodecName{{media.VP9, h264}, {vp8, h264}}, []media.CodecName{h264, h264}},
		"who offers neither decides nothing": {[][]media.CodecName{{media.VP9}, {h264}, nil}, []media.CodecName{vp8, h264, h264}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAgreement()
			a.enter("1000")
			for i, offered := range c.offers {
				if got := a.codec("1000", offered); got != c.want[i] {
					t.Errorf("offer %d of %v gets %s, want %s", i, offered, got, c.want[i])
				}
			}
		})
	}
}

// TestAgreementIsForgotten: the last browser takes it along, one of several does not, and rooms know nothing of each other.
func TestAgreementIsForgotten(t *testing.T) {
	a := newAgreement()
	a.enter("1000")
	a.enter("1000")
	a.enter("2000")
	if got := a.codec("1000", []media.CodecName{media.H264}); got != media.H264 {
		t.Fatalf("first %s", got)
	}
	if got := a.codec("2000", []media.CodecName{media.VP8, media.H264}); got != media.VP8 {
		t.Errorf("another room has %s", got)
	}
	a.leave("1000")
	if got := a.codec("1000", []media.CodecName{media.VP8}); got != media.H264 {
		t.Errorf("with one left %s", got)
	}
	a.leave("1000")
	a.enter("1000")
	if got := a.codec("1000", []media.CodecName{media.VP8}); got != media.VP8 {
		t.Errorf("anew %s", got)
	}
	a.leave("1000")
	a.leave("2000")
	if got := a.codec("1000", []media.CodecName{media.H264}); got != media.VP8 || len(a.rooms) != 0 {
		t.Errorf("remembers %d rooms", len(a.rooms))
	}
}
