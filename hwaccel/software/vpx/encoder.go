// Package vpx encodes VP8 and VP9 by libvpx, bound to its own interface: the rate changes while it runs, and pictures of
// VP8 may lie in temporal layers.
package vpx

// #cgo pkg-config: vpx
// #include "shim.h"
import "C"

import (
	"fmt"
	"unsafe"

	"legroom/hwaccel"
	"legroom/media"
)

// highest bitrate, bits a second, far above what any picture needs.
const highest = 1_000_000_000

// Config says what an Encoder makes.
type Config struct {
	// EncoderConfig as every Device takes it, but for KeyInterval: key frames come when Encode is asked for one.
	hwaccel.EncoderConfig
	// TemporalLayers is in how many layers the pictures of VP8 lie, 1 to 3; 0 is 1. Whoever leaves out the highest halves the
	// frame rate, and nothing that remains was predicted from what is gone.
	TemporalLayers int
}

// Encoder makes VP8 or VP9 in real time, in one thread, without delay. One goroutine at a time uses it.
type Encoder struct {
	config Config
	c      *C.struct_legroom_vpx
	// picture is what the next call says of the picture. It is a field, as a variable would be an allocation each time.
	picture C.struct_legroom_vpx_picture
	// phase counts pictures since the last key frame.
	phase int
}

// Open opens an encoder. Errors: hwaccel.ErrUnsupported.
func Open(c Config) (*Encoder, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	c.TemporalLayers = max(c.TemporalLayers, 1)
	vp9 := c.Codec.Name == media.VP9
	switch {
	case !vp9 && c.Codec.Name != media.VP8, c.MaxNAL > 0:
		return nil, fmt.Errorf("vpx: encode %s, pieces of %d bytes: %w", c.Codec.Name, c.MaxNAL, hwaccel.ErrUnsupported)
	case c.TemporalLayers > maxLayers || vp9 && c.TemporalLayers > 1:
		return nil, fmt.Errorf("vpx: %d temporal layers of %s: %w", c.TemporalLayers, c.Codec.Name, hwaccel.ErrUnsupported)
	}
	e := &Encoder{config: c}
	setup := C.struct_legroom_vpx_config{
		vp9: C.bool(vp9), width: C.int(c.Width), height: C.int(c.Height), rate: C.int(c.FrameRate),
		bitrate: bitrate(c.Bitrate), layers: C.int(c.TemporalLayers),
	}
	if code := C.legroom_vpx_open(&setup, &e.c); code != C.VPX_CODEC_OK {
		return nil, fmt.Errorf("vpx: open for %s of %dx%d: %w: %w",
			c.Codec.Name, c.Width, c.Height, &CallError{Code: int(code)}, hwaccel.ErrUnsupported)
	}
	return e, nil
}

// Encode encodes one picture and gives its access unit, empty when rate control left the picture out, and whether it is a key
// frame; key asks for one. Units: at is unbroken time, 1/hwaccel.Clock seconds.
// Owner: p is lent; the data is libvpx's until the next call. Errors: hwaccel.ErrPicture, hwaccel.ErrClosed, *CallError.
func (e *Encoder) Encode(p *media.Picture, at int64, key bool) ([]byte, bool, error) {
	if e.c == nil {
		return nil, false, hwaccel.ErrClosed
	}
	if err := hwaccel.Fits(p, e.config.Width, e.config.Height); err != nil {
		return nil, false, err
	}
	if p.Stride[1] != p.Stride[2] {
		// VP8 reads both by the first.
		return nil, false, fmt.Errorf("vpx: chroma planes of two strides: %w", hwaccel.ErrPicture)
	}
	if key {
		e.phase = 0
	}
	place := placeOf(e.config.TemporalLayers, e.phase)
	e.picture.width, e.picture.height = C.int(p.Width), C.int(p.Height)
	for i, stride := range p.Stride {
		e.picture.stride[i] = C.int(stride)
	}
	e.picture.at, e.picture.duration = C.longlong(at), C.longlong(hwaccel.Clock/e.config.FrameRate)
	e.picture.flags, e.picture.layer = C.long(place.flags), C.int(place.layer)
	if key {
		e.picture.flags = C.VPX_EFLAG_FORCE_KF
	}
	code := C.legroom_vpx_encode(e.c, &e.picture, plane(p, 0), plane(p, 1), plane(p, 2))
	if code != C.VPX_CODEC_OK {
		return nil, false, fmt.Errorf("vpx: encode: %w", &CallError{Code: int(code)})
	}
	e.phase++
	return unsafe.Slice((*byte)(e.c.data), int(e.c.size)), e.c.key != 0, nil
}

func plane(p *media.Picture, i int) *C.uchar { return (*C.uchar)(unsafe.SliceData(p.Planes[i])) }

// bitrate as C takes it.
func bitrate(bitsPerSecond int) C.int { return C.int(min(bitsPerSecond, highest)) }

// Layer is the temporal layer of the last access unit, 0 for one that all others build on.
func (e *Encoder) Layer() int { return int(e.picture.layer) }

// SetBitrate changes the target from the next picture on, without a key frame. Units: bits a second.
// Errors: hwaccel.ErrUnsupported, hwaccel.ErrClosed, *CallError.
func (e *Encoder) SetBitrate(bitsPerSecond int) error {
	switch {
	case e.c == nil:
		return hwaccel.ErrClosed
	case bitsPerSecond <= 0:
		return fmt.Errorf("vpx: %d bit/s: %w", bitsPerSecond, hwaccel.ErrUnsupported)
	}
	if code := C.legroom_vpx_bitrate(e.c, bitrate(bitsPerSecond)); code != C.VPX_CODEC_OK {
		return fmt.Errorf("vpx: %d bit/s: %w", bitsPerSecond, &CallError{Code: int(code)})
	}
	return nil
}

// Close frees the encoder. It may be called more than once.
func (e *Encoder) Close() {
	if e.c != nil {
		C.legroom_vpx_close(e.c)
		e.c = nil
	}
}
