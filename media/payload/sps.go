package payload

import "fmt"

// maxBlocks is the largest width or height that an SPS is believed, in blocks of 16 pixels: four times the largest level.
const maxBlocks = 4096

// SPS is what a sequence parameter set of H.264 says of its pictures. Source: ITU-T H.264 section 7.3.2.1.1.
type SPS struct {
	// Profile and level of the stream.
	Profile ProfileLevel
	// Width and Height of the pictures that are shown, pixels.
	Width, Height int
}

// FindSPS looks for a sequence parameter set that lies whole in a payload, alone or in a STAP-A; false when there is none
// that can be read.
func FindSPS(p []byte) (SPS, bool) {
	if len(p) < 2 {
		return SPS{}, false
	}
	switch p[0] & nalType {
	case nalSPS:
		s, err := ParseSPS(p)
		return s, err == nil
	case nalSTAPA:
		for nal, rest, ok := cutSTAP(p[1:]); ok; nal, rest, ok = cutSTAP(rest) {
			if nal[0]&nalType == nalSPS {
				s, err := ParseSPS(nal)
				return s, err == nil
			}
		}
	}
	return SPS{}, false
}

// ParseSPS reads a NAL unit with its header. Errors: ErrShort, ErrFormat, ErrTooLarge for pictures of no level.
func ParseSPS(nal []byte) (SPS, error) {
	if len(nal) < 4 || nal[0]&nalType != nalSPS {
		return SPS{}, fmt.Errorf("payload: SPS of %d bytes: %w", len(nal), ErrFormat)
	}
	s := SPS{Profile: ProfileLevel{IDC: nal[1], IOP: nal[2], Level: nal[3], Profile: profileOf(nal[1], nal[2])}}
	if nal[3] == 11 && nal[2]&0x10 != 0 && s.Profile.Profile != H264Unknown && nal[1] != 100 {
		s.Profile.Level = 9
	}
	b := bitReader{data: nal[4:]}
	b.ue() // seq_parameter_set_id
	chroma := uint32(1)
	if hasChroma(nal[1]) {
		chroma = b.chroma()
	}
	b.ue() // log2_max_frame_num_minus4
	b.order()
	b.ue()    // max_num_ref_frames
	b.bits(1) // gaps_in_frame_num_value_allowed_flag
	err := s.size(&b, chroma)
	if b.over {
		err = fmt.Errorf("payload: SPS of %d bytes: %w", len(nal), ErrShort)
	}
	return s, err
}

// hasChroma tells whether the profile says what its samples are.
func hasChroma(idc byte) bool {
	switch idc {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		return true
	default:
		return false
	}
}

// size reads the size, less what is cropped.
func (s *SPS) size(b *bitReader, chroma uint32) error {
	width, height := b.ue(), b.ue()
	frames := b.bits(1) // frame_mbs_only_flag: else height is of fields, of which two make a picture
	if frames == 0 {
		b.bits(1) // mb_adaptive_frame_field_flag
	}
	b.bits(1) // direct_8x8_inference_flag
	if width >= maxBlocks || height >= maxBlocks {
		return fmt.Errorf("payload: SPS of %d x %d blocks: %w", uint64(width)+1, uint64(height)+1, ErrTooLarge)
	}
	s.Width, s.Height = int(width+1)*16, int(height+1)*16*int(2-frames)
	if b.bits(1) == 0 {
		return nil
	}
	// Cropping counts in samples of colour, and fields.
	x, y := 1, int(2-frames)
	if chroma == 1 || chroma == 2 {
		x = 2
	}
	if chroma == 1 {
		y *= 2
	}
	left, right, top, bottom := b.ue(), b.ue(), b.ue(), b.ue()
	s.Width -= x * int(min(left, maxBlocks*16)+min(right, maxBlocks*16))
	s.Height -= y * int(min(top, maxBlocks*16)+min(bottom, maxBlocks*16))
	if s.Width <= 0 || s.Height <= 0 {
		return fmt.Errorf("payload: SPS that crops all: %w", ErrFormat)
	}
	return nil
}

// bitReader reads a raw byte sequence payload: ITU-T H.264 section 7.2. Behind the end it reads zeros and says so.
type bitReader struct {
	data  []byte
	at    int // bit of data[0]
	zeros int // bytes of zero before data[0]
	over  bool
}

func (b *bitReader) bits(n int) uint32 {
	var v uint32
	for range n {
		v = v<<1 | b.bit()
	}
	return v
}

func (b *bitReader) bit() uint32 {
	if b.at == 0 && b.zeros >= 2 && len(b.data) > 0 && b.data[0] == 3 {
		// emulation_prevention_three_byte
		b.data, b.zeros = b.data[1:], 0
	}
	if len(b.data) == 0 {
		b.over = true
		return 0
	}
	v := uint32(b.data[0]>>(7-b.at)) & 1
	if b.at++; b.at == 8 {
		if b.zeros++; b.data[0] != 0 {
			b.zeros = 0
		}
		b.data, b.at = b.data[1:], 0
	}
	return v
}

// ue reads an Exp-Golomb code: ITU-T H.264 section 9.1.
func (b *bitReader) ue() uint32 {
	n := 0
	for b.bit() == 0 {
		if n++; n > 31 || b.over {
			b.over = true
			return 0
		}
	}
	return 1<<n - 1 + b.bits(n)
}

// chroma reads the format of the samples of a high profile, and what else stands there.
func (b *bitReader) chroma() uint32 {
	format := b.ue()
	if format == 3 {
		b.bits(1) // separate_colour_plane_flag
	}
	b.ue()              // bit_depth_luma_minus8
	b.ue()              // bit_depth_chroma_minus8
	b.bits(1)           // qpprime_y_zero_transform_bypass_flag
	if b.bits(1) == 0 { // seq_scaling_matrix_present_flag
		return format
	}
	lists := 8
	if format == 3 {
		lists = 12
	}
	for i := range lists {
		if b.bits(1) == 0 {
			continue
		}
		size := 16
		if i >= 6 {
			size = 64
		}
		b.scaling(size)
	}
	return format
}

// scaling skips a list: ITU-T H.264 section 7.3.2.1.1.1.
func (b *bitReader) scaling(size int) {
	last, next := int64(8), int64(8)
	for range size {
		if next != 0 {
			next = (last + b.se() + 256) & 0xff
		}
		if next != 0 {
			last = next
		}
	}
}

// se reads a signed Exp-Golomb code: ITU-T H.264 section 9.1.1.
func (b *bitReader) se() int64 {
	k := int64(b.ue())
	if k%2 == 0 {
		return -k / 2
	}
	return (k + 1) / 2
}

// order skips how pictures are ordered.
func (b *bitReader) order() {
	switch b.ue() {
	case 0:
		b.ue() // log2_max_pic_order_cnt_lsb_minus4
	case 1:
		b.bits(1) // delta_pic_order_always_zero_flag
		b.ue()    // offset_for_non_ref_pic
		b.ue()    // offset_for_top_to_bottom_field
		for n := b.ue(); n > 0 && !b.over; n-- {
			b.ue()
		}
	}
}
