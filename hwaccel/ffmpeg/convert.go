package ffmpeg

// #include "scale.h"
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/media"
)

// converter brings pictures of one size into another order of samples: memory has planes of their own for both colours,
// cards have them in pairs (NV12).
type converter struct {
	sws           *C.struct_SwsContext
	width, height int
	frame         *astiav.Frame
}

func newConverter(width, height int, to astiav.PixelFormat) (*converter, error) {
	from := astiav.PixelFormatYuv420P
	if to == from {
		from = astiav.PixelFormatNv12
	}
	f, err := newFrame(width, height, to)
	if err != nil {
		return nil, err
	}
	// Of equal sizes it is a plain copy, whatever the filter.
	sws := C.sws_getContext(C.int(width), C.int(height), C.enum_AVPixelFormat(from),
		C.int(width), C.int(height), C.enum_AVPixelFormat(to), C.SWS_POINT, nil, nil, nil)
	if sws == nil {
		f.Free()
		return nil, fmt.Errorf("ffmpeg: convert %dx%d to %s: %w", width, height, to, hwaccel.ErrPicture)
	}
	return &converter{sws: sws, width: width, height: height, frame: f}, nil
}

// fill converts a picture in memory to NV12. Owner: the converter, until the next call. Errors: hwaccel.ErrPicture.
func (c *converter) fill(p *media.Picture) (*astiav.Frame, error) {
	if err := hwaccel.Fits(p, c.width, c.height); err != nil {
		return nil, err
	}
	return c.run(first(p, 0), first(p, 1), first(p, 2), strides(p))
}

// turn converts NV12 in memory to planes. Owner: the converter, until the next call.
func (c *converter) turn(f *astiav.Frame) (*astiav.Frame, error) {
	from := frameOf(f)
	return c.run(unsafe.Pointer(from.data[0]), unsafe.Pointer(from.data[1]), nil,
		C.legroom_strides{y: from.linesize[0], u: from.linesize[1]})
}

func (c *converter) run(y, u, v unsafe.Pointer, from C.legroom_strides) (*astiav.Frame, error) {
	// The card may still be reading what was converted last; then this one gets a new buffer.
	if err := c.frame.MakeWritable(); err != nil {
		return nil, fmt.Errorf("ffmpeg: buffer for %dx%d: %w", c.width, c.height, err)
	}
	to := frameOf(c.frame)
	n := C.legroom_scale(c.sws, C.int(c.height), y, u, v, from,
		unsafe.Pointer(to.data[0]), unsafe.Pointer(to.data[1]), unsafe.Pointer(to.data[2]),
		C.legroom_strides{y: to.linesize[0], u: to.linesize[1], v: to.linesize[2]})
	if int(n) != c.height {
		return nil, fmt.Errorf("ffmpeg: convert %dx%d: %d rows: %w", c.width, c.height, int(n), hwaccel.ErrPicture)
	}
	return c.frame, nil
}

func (c *converter) free() {
	C.sws_freeContext(c.sws)
	c.frame.Free()
}
