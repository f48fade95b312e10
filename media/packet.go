package media

import (
	"time"

	"github.com/pion/rtp"
)

// NoLevel is the Level of a packet that carries none.
const NoLevel Level = 0xff

// Level is loudness in -dBov: 0 is full scale, 127 is silence (RFC 6464 section 3). NoLevel where it is not known.
type Level uint8

// Packet is one RTP packet on its way through the gateway.
// Owner: a Packet handed to Sink.Write is lent until Write returns; who keeps it calls Clone.
type Packet struct {
	rtp.Packet
	// Arrived is when the first byte of it was in this process.
	Arrived time.Time
	// Level of the sound in it, from the header extension of RFC 6464 or measured; NoLevel for video.
	Level Level
	// Layer is the simulcast layer, 0 the smallest picture; 0 for audio.
	Layer uint8
}

// Clone copies the packet with everything it points to.
func (p *Packet) Clone() *Packet {
	c := &Packet{Packet: *p.Packet.Clone(), Arrived: p.Arrived, Level: p.Level, Layer: p.Layer}
	return c
}

// Frame is one encoded access unit: a picture or a packet time of sound.
// Shape: H.264 is Annex B with 4-byte start codes. Owner: lent until Write returns.
type Frame struct {
	// Data as the codec's bitstream.
	Data []byte
	// Timestamp in ticks of the codec's RTP clock.
	Timestamp uint32
	// Keyframe tells that decoding can begin here; true for audio.
	Keyframe bool
	// Gap tells that frames right before it did not come whole: what is predicted from them shows what it should not, up to
	// the next key frame.
	Gap bool
	// Arrived is when its last packet arrived.
	Arrived time.Time
	// Layer is the simulcast layer.
	Layer uint8
}

// Clone copies the frame with its data.
func (f *Frame) Clone() *Frame {
	c := *f
	c.Data = append([]byte(nil), f.Data...)
	return &c
}

// copyTo is Clone into the memory of a frame that nobody uses any more.
func (f *Frame) copyTo(old *Frame) *Frame {
	data := append(old.Data[:0], f.Data...)
	*old = *f
	old.Data = data
	return old
}

// PCM is a stretch of decoded sound, one channel.
// Units: Samples are signed 16 bit at Rate Hz. Owner: lent until Write returns.
type PCM struct {
	// Samples in order of time.
	Samples []int16
	// Rate in Hz.
	Rate int
	// Timestamp of the first sample, in samples at Rate, in the source's time line (wraps).
	Timestamp uint32
	// Level of the stretch; NoLevel when nobody measured it.
	Level Level
	// Concealed tells that it was made up for a packet that did not come.
	Concealed bool
	// Arrived is when the packet it came in did; zero for sound that the gateway makes.
	Arrived time.Time
}

// Duration of the stretch.
func (p *PCM) Duration() time.Duration {
	if p.Rate == 0 {
		return 0
	}
	return time.Duration(len(p.Samples)) * time.Second / time.Duration(p.Rate)
}

// Picture is one decoded picture: planes in memory, or a Surface that only its Device can read.
// Shape: I420, three planes with their strides. Owner: lent until Write returns.
type Picture struct {
	// Width and Height in pixels.
	Width, Height int
	// Planes Y, U, V; nil when Surface is set.
	Planes [3][]byte
	// Stride of each plane, bytes.
	Stride [3]int
	// Surface of a hardware Device, opaque to everyone else.
	Surface any
	// Timestamp in 90 kHz ticks.
	Timestamp uint32
}
