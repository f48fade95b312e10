// Package openh264 encodes H.264 by OpenH264, bound to its own interface: the rate changes while it runs, no key frame
// comes that nobody asked for, and NAL units keep to a bound.
package openh264

// #cgo pkg-config: openh264
// #include "shim.h"
import "C"

import (
	"fmt"
	"unsafe"

	"legroom/hwaccel"
	"legroom/media"
)

const (
	// smallest side of a picture that OpenH264 takes, pixels.
	smallest = 16
	// lowest bitrate, bits a second: OpenH264 wants a bit for each picture at least.
	lowest = 1000
	// maxLayers is how many temporal layers OpenH264 has.
	maxLayers = 4
	// startCode is what stands before each NAL unit, bytes (H.264 Annex B).
	startCode = 4
)

// Config says what an Encoder makes.
type Config struct {
	// EncoderConfig as every Device takes it, but for KeyInterval: key frames come when Encode is asked for one.
	hwaccel.EncoderConfig
	// TemporalLayers is in how many layers the pictures lie, 1 to 4; 0 is 1. Whoever leaves out the highest halves the
	// frame rate, and nothing that remains was predicted from what is gone.
	TemporalLayers int
}

// Encoder makes H.264 of the constrained baseline profile. One goroutine at a time uses it.
type Encoder struct {
	config Config
	level  level
	c      *C.struct_legroom_openh264
	// picture is what the next call says of the picture. It is a field, as a variable would be an allocation each time.
	picture C.struct_legroom_openh264_picture
	// slice is the bound that OpenH264 is given.
	slice int
	data  []byte
}

// Open opens an encoder. Errors: hwaccel.ErrUnsupported.
func Open(c Config) (*Encoder, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	c.TemporalLayers = max(c.TemporalLayers, 1)
	switch {
	case c.Width < smallest || c.Height < smallest:
		return nil, fmt.Errorf("openh264: encode %dx%d: %w", c.Width, c.Height, hwaccel.ErrUnsupported)
	case c.TemporalLayers > maxLayers:
		return nil, fmt.Errorf("openh264: %d temporal layers: %w", c.TemporalLayers, hwaccel.ErrUnsupported)
	case c.MaxNAL > 0 && c.MaxNAL < smallestNAL:
		return nil, fmt.Errorf("openh264: NAL units of %d bytes: %w", c.MaxNAL, hwaccel.ErrUnsupported)
	}
	e := &Encoder{config: c, slice: c.MaxNAL}
	var ok bool
	if e.level, ok = levelOf(c.EncoderConfig); !ok {
		return nil, fmt.Errorf("openh264: no level has %dx%d at %d pictures a second: %w",
			c.Width, c.Height, c.FrameRate, hwaccel.ErrUnsupported)
	}
	if err := e.open(); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *Encoder) open() error {
	c := C.struct_legroom_openh264_config{
		width: C.int(e.config.Width), height: C.int(e.config.Height), rate: C.int(e.config.FrameRate),
		bitrate: C.int(e.bitrate()), level: C.int(e.level.idc), slice: C.int(e.slice),
		layers: C.int(e.config.TemporalLayers), complexity: complexity,
	}
	if code := C.legroom_openh264_open(&c, &e.c); code != 0 {
		return fmt.Errorf("openh264: open for %dx%d: %w: %w",
			e.config.Width, e.config.Height, &CallError{Code: int(code)}, hwaccel.ErrUnsupported)
	}
	return nil
}

// bitrate is the target that OpenH264 takes and the level has room for.
func (e *Encoder) bitrate() int { return min(max(e.config.Bitrate, lowest), e.level.bitrate) }

// Encode encodes one picture and gives its access unit, and whether it is a key frame, with parameter sets of its own; key
// asks for one. Shape: Annex B, 4-byte start codes. Units: at is unbroken time, 1/hwaccel.Clock seconds.
// Owner: p is lent; the data is the Encoder's until the next call. Errors: hwaccel.ErrPicture, hwaccel.ErrClosed, *CallError.
func (e *Encoder) Encode(p *media.Picture, at int64, key bool) ([]byte, bool, error) {
	if e.c == nil {
		return nil, false, hwaccel.ErrClosed
	}
	if err := hwaccel.Fits(p, e.config.Width, e.config.Height); err != nil {
		return nil, false, err
	}
	if p.Stride[1] != p.Stride[2] {
		return nil, false, fmt.Errorf("openh264: chroma planes of two strides: %w", hwaccel.ErrPicture)
	}
	isKey, err := e.call(p, at, key)
	for err == nil && e.config.MaxNAL > 0 && e.longest() > e.config.MaxNAL {
		// Nobody has seen this unit, so the picture begins anew, as a key frame of smaller slices.
		if err = e.tighten(); err == nil {
			isKey, err = e.call(p, at, true)
		}
	}
	return e.data, isKey, err
}

func (e *Encoder) call(p *media.Picture, at int64, key bool) (bool, error) {
	e.picture.width, e.picture.height = C.int(p.Width), C.int(p.Height)
	e.picture.luma, e.picture.chroma = C.int(p.Stride[0]), C.int(p.Stride[1])
	e.picture.ms, e.picture.key = C.longlong(at*1000/hwaccel.Clock), 0
	if key {
		e.picture.key = 1
	}
	code := C.legroom_openh264_encode(e.c, &e.picture, plane(p, 0), plane(p, 1), plane(p, 2))
	if code != 0 {
		return false, fmt.Errorf("openh264: encode: %w", &CallError{Code: int(code)})
	}
	e.data = e.data[:0]
	for i := range int(e.c.info.iLayerNum) {
		layer := &e.c.info.sLayerInfo[i]
		size := 0
		for _, n := range units(layer) {
			size += int(n)
		}
		e.data = append(e.data, unsafe.Slice((*byte)(layer.pBsBuf), size)...)
	}
	return e.c.info.eFrameType == C.videoFrameTypeIDR, nil
}

func plane(p *media.Picture, i int) *C.uchar { return (*C.uchar)(unsafe.SliceData(p.Planes[i])) }

// units are the sizes of the NAL units of a layer, bytes, with their start codes.
func units(l *C.SLayerBSInfo) []C.int {
	return unsafe.Slice(l.pNalLengthInByte, int(l.iNalCount))
}

// Layer is the temporal layer of the last access unit, 0 for one that all others build on.
func (e *Encoder) Layer() int {
	if e.c == nil || e.c.info.iLayerNum == 0 {
		return 0
	}
	return int(e.c.info.sLayerInfo[e.c.info.iLayerNum-1].uiTemporalId)
}

// SetBitrate changes the target from the next picture on, without a key frame. A rate above what the level of the stream
// allows is taken as that. Units: bits a second. Errors: hwaccel.ErrUnsupported, hwaccel.ErrClosed, *CallError.
func (e *Encoder) SetBitrate(bitsPerSecond int) error {
	switch {
	case e.c == nil:
		return hwaccel.ErrClosed
	case bitsPerSecond <= 0:
		return fmt.Errorf("openh264: %d bit/s: %w", bitsPerSecond, hwaccel.ErrUnsupported)
	}
	e.config.Bitrate = bitsPerSecond
	if code := C.legroom_openh264_bitrate(e.c, C.int(e.bitrate())); code != 0 {
		return fmt.Errorf("openh264: %d bit/s: %w", bitsPerSecond, &CallError{Code: int(code)})
	}
	return nil
}

// Close frees the encoder. It may be called more than once.
func (e *Encoder) Close() {
	if e.c != nil {
		C.legroom_openh264_close(e.c)
		e.c = nil
	}
}
