package ffmpeg

// #include "packet.h"
import "C"

import (
	"unsafe"

	"github.com/asticode/go-astiav"
)

// Packet is the way of encoded data into a decoder and out of an encoder. One goroutine at a time uses it.
type Packet struct{ c *C.AVPacket }

// NewPacket makes a Packet; Free frees it.
func NewPacket() *Packet { return &Packet{c: C.av_packet_alloc()} }

// Free frees the packet. It may be called more than once.
func (p *Packet) Free() { C.av_packet_free(&p.c) }

// Send hands one access unit to a decoder. Owner: data is lent for the call.
// Errors: astiav.Error.
func (p *Packet) Send(cc *astiav.CodecContext, data []byte, pts int64) error {
	if len(data) == 0 {
		// To FFmpeg an empty packet is the end of the stream.
		return astiav.ErrInvaliddata
	}
	codec := (*C.AVCodecContext)(cc.UnsafePointer())
	return failure(C.legroom_send(codec, p.c, unsafe.Pointer(&data[0]), C.int(len(data)), C.int64_t(pts)))
}

// Receive takes the next access unit from an encoder. Errors: astiav.ErrEagain when there is none, other astiav.Error.
func (p *Packet) Receive(cc *astiav.CodecContext) error {
	return failure(C.avcodec_receive_packet((*C.AVCodecContext)(cc.UnsafePointer()), p.c))
}

// Data of what was received. Owner: the Packet, until the next Receive or Free.
func (p *Packet) Data() []byte { return unsafe.Slice((*byte)(p.c.data), int(p.c.size)) }

// Pts of what was received, in the time base of the codec.
func (p *Packet) Pts() int64 { return int64(p.c.pts) }

// Keyframe tells whether what was received is a key frame.
func (p *Packet) Keyframe() bool { return p.c.flags&C.AV_PKT_FLAG_KEY != 0 }

// ReceiveFrame takes the next picture from a decoder. Errors: astiav.ErrEagain when there is none, other astiav.Error.
func ReceiveFrame(cc *astiav.CodecContext, f *astiav.Frame) error {
	return failure(C.avcodec_receive_frame((*C.AVCodecContext)(cc.UnsafePointer()), (*C.AVFrame)(f.UnsafePointer())))
}

func failure(code C.int) error {
	switch {
	case code >= 0:
		return nil
	case astiav.Error(code) == astiav.ErrEagain:
		// It ends every picture, and a constant costs no allocation.
		return astiav.ErrEagain
	default:
		return astiav.Error(code)
	}
}
