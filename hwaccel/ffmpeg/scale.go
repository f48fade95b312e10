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

// Scaler brings I420 pictures in memory to one size with libswscale. One goroutine at a time uses it.
type Scaler struct {
	sws           *C.struct_SwsContext
	width, height int
	frame         *astiav.Frame
	result        media.Picture
}

// NewScaler makes a Scaler to a size; Free frees it.
func NewScaler(width, height int) (*Scaler, error) {
	f, err := NewFrame(width, height)
	if err != nil {
		return nil, err
	}
	s := &Scaler{frame: f, width: width, height: height}
	if err := View(&s.result, f); err != nil {
		f.Free()
		return nil, err
	}
	return s, nil
}

// Scale gives p in the Scaler's size. Owner: the Scaler, until the next call. Errors: hwaccel.ErrPicture.
func (s *Scaler) Scale(p *media.Picture) (*media.Picture, error) {
	if err := hwaccel.Whole(p); err != nil {
		return nil, err
	}
	// It keeps the context while the source keeps its size. Bilinear: within 0.2 dB of bicubic for half the time.
	s.sws = C.sws_getCachedContext(s.sws, C.int(p.Width), C.int(p.Height), C.AV_PIX_FMT_YUV420P,
		C.int(s.width), C.int(s.height), C.AV_PIX_FMT_YUV420P, C.SWS_BILINEAR, nil, nil, nil)
	if s.sws == nil {
		return nil, fmt.Errorf("ffmpeg: scale %dx%d to %dx%d: %w", p.Width, p.Height, s.width, s.height, hwaccel.ErrPicture)
	}
	from, to := p, &s.result
	n := C.legroom_scale(s.sws, C.int(p.Height), first(from, 0), first(from, 1), first(from, 2), strides(from),
		first(to, 0), first(to, 1), first(to, 2), strides(to))
	if int(n) != s.height {
		return nil, fmt.Errorf("ffmpeg: scale %dx%d to %dx%d: %d rows: %w",
			p.Width, p.Height, s.width, s.height, int(n), hwaccel.ErrPicture)
	}
	to.Timestamp = p.Timestamp
	return to, nil
}

// Free frees the scaler. It may be called more than once.
func (s *Scaler) Free() {
	C.sws_freeContext(s.sws)
	s.sws = nil
	if s.frame != nil {
		s.frame.Free()
		s.frame = nil
	}
}

func first(p *media.Picture, plane int) unsafe.Pointer { return unsafe.Pointer(&p.Planes[plane][0]) }

func strides(p *media.Picture) C.legroom_strides {
	return C.legroom_strides{y: C.int(p.Stride[0]), u: C.int(p.Stride[1]), v: C.int(p.Stride[2])}
}
