package peer

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"legroom/media"
)

// BenchmarkForward is our part of sending one VP8 packet of 1100 bytes to one viewer, without the library's.
func BenchmarkForward(b *testing.B) {
	_, f, _ := bareSlot(media.Video, vp8)
	body := make([]byte, 1100)
	copy(body, vp8Frame(1, 1, 0, false, true, 1)[0])
	p := &media.Packet{Packet: rtp.Packet{Header: rtp.Header{Version: 2}, Payload: body}, Arrived: time.Now()}
	b.ReportAllocs()
	for b.Loop() {
		p.SequenceNumber++
		p.Timestamp += 3000
		_ = f.Write(p)
	}
}
