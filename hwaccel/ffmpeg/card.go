package ffmpeg

// #include "card.h"
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/media"
)

// Interface is the way to a graphics card.
type Interface uint8

// Interfaces.
const (
	// VAAPI is the way to cards of Intel and AMD.
	VAAPI Interface = iota + 1
	// CUDA is the way to cards of NVIDIA.
	CUDA
)

func (i Interface) device() C.enum_AVHWDeviceType {
	if i == CUDA {
		return C.AV_HWDEVICE_TYPE_CUDA
	}
	return C.AV_HWDEVICE_TYPE_VAAPI
}

func (i Interface) format() C.enum_AVPixelFormat {
	if i == CUDA {
		return C.AV_PIX_FMT_CUDA
	}
	return C.AV_PIX_FMT_VAAPI
}

// Card is a graphics card that was opened. Its methods may be called from any goroutine.
type Card struct {
	way Interface
	c   *C.AVBufferRef
}

// OpenCard opens a card: by the path of its render node, or by its number with NVIDIA. Errors: astiav.Error, which hardly
// says why; on a Thread the reason comes with it.
func OpenCard(way Interface, name string, o Options) (*Card, error) {
	options := astiav.NewDictionary()
	defer options.Free()
	for key, value := range o {
		if err := options.Set(key, value, astiav.NewDictionaryFlags()); err != nil {
			return nil, fmt.Errorf("ffmpeg: option %s: %w", key, err)
		}
	}
	c := &Card{way: way}
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	dictionary := *(**C.AVDictionary)(unsafe.Pointer(options))
	return c, failure(C.av_hwdevice_ctx_create(&c.c, way.device(), text, dictionary, 0))
}

// Context is FFmpeg's own AVHWDeviceContext, for what only the package of the card knows.
func (c *Card) Context() unsafe.Pointer { return unsafe.Pointer(c.c.data) }

// Free gives the card up; stages that are open hold it until they are closed. It may be called more than once.
func (c *Card) Free() { C.av_buffer_unref(&c.c) }

// Surface is a picture on a card: what media.Picture.Surface is for cards that FFmpeg drives.
type Surface struct {
	card  *Card
	frame *astiav.Frame
}

var _ hwaccel.Surface = (*Surface)(nil)

// Keep is that of hwaccel.Surface. It makes no call into a driver.
func (s *Surface) Keep(old hwaccel.Surface) (hwaccel.Surface, error) {
	kept, ok := old.(*Surface)
	if !ok {
		if old != nil {
			old.Release()
		}
		kept = &Surface{}
	}
	if kept.frame == nil {
		kept.frame = astiav.AllocFrame()
	}
	kept.card = s.card
	kept.frame.Unref()
	if err := kept.frame.Ref(s.frame); err != nil {
		return kept, fmt.Errorf("ffmpeg: keep a surface: %w: %w", hwaccel.ErrPicture, err)
	}
	return kept, nil
}

// Release is that of hwaccel.Surface. What a decoder or scaler shows is its own and not released by others.
func (s *Surface) Release() {
	if s.frame != nil {
		s.frame.Free()
		s.frame = nil
	}
}

// surfaces is a pool of pictures of one size on a card.
type surfaces struct {
	c             *C.AVBufferRef
	width, height int
	frame         *astiav.Frame
}

// newSurfaces makes a pool that holds size surfaces, which some drivers want to know of an encoder's; 0 is a pool that
// grows.
func newSurfaces(card *Card, width, height, size int) (*surfaces, error) {
	s := &surfaces{width: width, height: height}
	err := failure(C.legroom_surfaces(&s.c, card.c, card.way.format(), C.int(width), C.int(height), C.int(size)))
	if err != nil {
		return nil, err
	}
	s.frame = astiav.AllocFrame()
	return s, nil
}

// lift copies a picture in memory to the card. Owner: the pool, until the next call.
func (s *surfaces) lift(nv12 *astiav.Frame) (*astiav.Frame, error) {
	return s.frame, failure(C.legroom_upload(frameOf(s.frame), s.c, frameOf(nv12)))
}

func (s *surfaces) free() {
	s.frame.Free()
	C.av_buffer_unref(&s.c)
}

// download brings pictures from a card into memory.
type download struct {
	nv12    *astiav.Frame
	convert *converter
}

// get lets p show the samples of a surface, in memory. Owner: the download, until the next call.
func (d *download) get(p *media.Picture, f *astiav.Frame) error {
	if d.nv12 == nil || d.nv12.Width() != f.Width() || d.nv12.Height() != f.Height() {
		if err := d.resize(f.Width(), f.Height()); err != nil {
			return err
		}
	}
	if err := failure(C.av_hwframe_transfer_data(frameOf(d.nv12), frameOf(f), 0)); err != nil {
		return err
	}
	planar, err := d.convert.turn(d.nv12)
	if err != nil {
		return err
	}
	return View(p, planar)
}

func (d *download) resize(width, height int) (err error) {
	d.free()
	if d.nv12, err = newFrame(width, height, astiav.PixelFormatNv12); err != nil {
		return err
	}
	d.convert, err = newConverter(width, height, astiav.PixelFormatYuv420P)
	return err
}

func (d *download) free() {
	if d.nv12 != nil {
		d.nv12.Free()
		d.nv12 = nil
	}
	if d.convert != nil {
		d.convert.free()
		d.convert = nil
	}
}

// decodeOn has a decoder decode on the card.
func (c *Card) decodeOn(cc *astiav.CodecContext, extra int) error {
	return failure(C.legroom_decode_on((*C.AVCodecContext)(cc.UnsafePointer()), c.c, c.way.format(), C.int(extra)))
}

// encodeFrom has an encoder take surfaces of the pool.
func (s *surfaces) encodeFrom(cc *astiav.CodecContext) error {
	return failure(C.legroom_encode_from((*C.AVCodecContext)(cc.UnsafePointer()), s.c))
}

func frameOf(f *astiav.Frame) *C.AVFrame { return (*C.AVFrame)(f.UnsafePointer()) }
