package ffmpeg

// #include <libavutil/frame.h>
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/media"
)

// View lets p show the samples of f. Owner: f; p is valid until f is unreferenced or written again.
// Errors: hwaccel.ErrUnsupported when f is not 8-bit 4:2:0 in memory.
func View(p *media.Picture, f *astiav.Frame) error {
	switch f.PixelFormat() {
	case astiav.PixelFormatYuv420P, astiav.PixelFormatYuvj420P:
	default:
		return fmt.Errorf("ffmpeg: picture of format %s: %w", f.PixelFormat(), hwaccel.ErrUnsupported)
	}
	c := (*C.AVFrame)(f.UnsafePointer())
	p.Width, p.Height, p.Surface = int(c.width), int(c.height), nil
	for i := range p.Planes {
		p.Stride[i] = int(c.linesize[i])
		p.Planes[i] = unsafe.Slice((*byte)(c.data[i]), p.Stride[i]*rows(i, p.Height))
	}
	return nil
}

// NewFrame makes a frame with a buffer for an I420 picture; the caller frees it.
func NewFrame(width, height int) (*astiav.Frame, error) {
	return newFrame(width, height, astiav.PixelFormatYuv420P)
}

func newFrame(width, height int, format astiav.PixelFormat) (*astiav.Frame, error) {
	f := astiav.AllocFrame()
	f.SetWidth(width)
	f.SetHeight(height)
	f.SetPixelFormat(format)
	// 0 lets FFmpeg choose the alignment that its vector code wants.
	if err := f.AllocBuffer(0); err != nil {
		f.Free()
		return nil, fmt.Errorf("ffmpeg: buffer for %dx%d: %w", width, height, err)
	}
	return f, nil
}

// Fill copies p into f, which has a buffer of the same size. Errors: hwaccel.ErrPicture when p has another size or no
// samples in memory.
func Fill(f *astiav.Frame, p *media.Picture) error {
	if err := hwaccel.Fits(p, f.Width(), f.Height()); err != nil {
		return err
	}
	// An encoder may still hold the buffer of the picture before; then this one gets a new buffer.
	if err := f.MakeWritable(); err != nil {
		return fmt.Errorf("ffmpeg: buffer for %dx%d: %w", p.Width, p.Height, err)
	}
	var to media.Picture
	if err := View(&to, f); err != nil {
		return err
	}
	for i, plane := range p.Planes {
		width := columns(i, p.Width)
		for y := range rows(i, p.Height) {
			copy(to.Planes[i][y*to.Stride[i]:][:width], plane[y*p.Stride[i]:])
		}
	}
	return nil
}

// SetDuration says how long f is shown, in the time base of the encoder: libvpx reckons its rate by it.
func SetDuration(f *astiav.Frame, ticks int64) {
	(*C.AVFrame)(f.UnsafePointer()).duration = C.int64_t(ticks)
}

func columns(plane, width int) int {
	if plane == 0 {
		return width
	}
	return (width + 1) / 2
}

func rows(plane, height int) int {
	if plane == 0 {
		return height
	}
	return (height + 1) / 2
}
