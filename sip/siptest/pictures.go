package siptest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/pion/rtp"

	"legroom/media"
	"legroom/media/payload"
	"legroom/sip/rtpsession"
	"legroom/sip/sdp"
)

// Formats of H.264 that rooms offer.
var (
	// H264Mode1 is a room system that takes fragments.
	H264Mode1 = media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: "profile-level-id=42e01f;packetization-mode=1"}
	// H264Mode0 is one that takes single NAL units alone.
	H264Mode0 = media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: "profile-level-id=42e01f;packetization-mode=0"}
	// VP8 is a soft phone.
	VP8 = media.Codec{Name: media.VP8, ClockRate: 90000}
	// AllFeedback is what a modern room system has.
	AllFeedback = sdp.Feedback{NACK: true, PLI: true, FIR: true, TMMBR: true}
)

// Pictures are the pictures of one call: frames of a test pattern out, in H.264, a record of what comes in. What is inside of
// a slice is a number and filling: nothing here decodes.
type Pictures struct {
	t testing.TB
	// Session carries them.
	Session *rtpsession.Session
	ctx     context.Context
	cancel  context.CancelFunc
	wg      sync.WaitGroup

	mu      sync.Mutex
	started bool
	stopped bool
	agreed  sdp.Agreed
	seen    seen
	arrived chan struct{}

	show show
}

// seen is what came.
type seen struct {
	packets   []*media.Packet
	frames    []Frame
	assembler *payload.H264Depacketizer
	keyframes int // requests
}

// show is what goes out.
type show struct {
	mu        sync.Mutex
	cut       *payload.H264Packetizer
	timestamp uint32
}

// Frame is one access unit that came.
type Frame struct {
	// Number its sender gave it; Keyframe as its NAL units say.
	Number   uint32
	Keyframe bool
	// Timestamp as it came.
	Timestamp uint32
	// Bytes of it.
	Bytes int
}

func newPictures(t testing.TB, s *rtpsession.Session) *Pictures {
	p := &Pictures{t: t, Session: s, arrived: make(chan struct{}, 1)}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.seen.assembler = payload.NewH264Depacketizer(media.SinkFunc[*media.Frame](p.frame))
	s.OnPacket(media.SinkFunc[*media.Packet](p.record))
	s.OnKeyframe(func() {
		p.mu.Lock()
		p.seen.keyframes++
		p.mu.Unlock()
		p.signal()
	})
	return p
}

func (p *Pictures) start(a sdp.Agreed) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	if err := p.Session.Apply(a); err != nil {
		p.t.Errorf("siptest: apply pictures: %v", err)
		return
	}
	p.agreed = a
	if !p.started {
		p.started = true
		p.wg.Go(func() {
			if err := p.Session.Run(p.ctx); err != nil {
				p.t.Errorf("siptest: pictures: %v", err)
			}
		})
	}
}

func (p *Pictures) stop() {
	p.mu.Lock()
	was := p.stopped
	p.stopped = true
	p.mu.Unlock()
	if was {
		return
	}
	p.cancel()
	_ = p.Session.Close(nil)
	p.wg.Wait()
}

// Agreed is what holds now; zero while no pictures are agreed.
func (p *Pictures) Agreed() sdp.Agreed {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.agreed
}

// record keeps a packet and puts frames together.
func (p *Pictures) record(packet *media.Packet) error {
	p.mu.Lock()
	p.seen.packets = append(p.seen.packets, packet.Clone())
	if p.agreed.Codec.Name == media.H264 {
		_ = p.seen.assembler.Write(packet)
	}
	p.mu.Unlock()
	p.signal()
	return nil
}

// frame is told by the assembler; the lock is held.
func (p *Pictures) frame(f *media.Frame) error {
	one := Frame{Keyframe: f.Keyframe, Timestamp: f.Timestamp, Bytes: len(f.Data)}
	for _, b := range f.Data[max(len(f.Data)-4, 0):] {
		one.Number = one.Number<<7 | uint32(b&0x7f)
	}
	p.seen.frames = append(p.seen.frames, one)
	return nil
}

func (p *Pictures) signal() {
	select {
	case p.arrived <- struct{}{}:
	default:
	}
}

// Packets that came so far.
func (p *Pictures) Packets() []*media.Packet {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*media.Packet(nil), p.seen.packets...)
}

// Frames of H.264 that came whole so far.
func (p *Pictures) Frames() []Frame {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Frame(nil), p.seen.frames...)
}

// KeyframesAsked is how often the server asked for a key frame by RTCP.
func (p *Pictures) KeyframesAsked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.keyframes
}

// WaitFrames fails the test when n frames do not come.
func (p *Pictures) WaitFrames(n int) {
	p.t.Helper()
	p.Wait(fmt.Sprintf("%d frames", n), func() bool { return len(p.Frames()) >= n })
}

// WaitKeyframeAsked fails the test when the server does not ask for a key frame n times.
func (p *Pictures) WaitKeyframeAsked(n int) {
	p.t.Helper()
	p.Wait(fmt.Sprintf("%d requests for a key frame", n), func() bool { return p.KeyframesAsked() >= n })
}

// Wait fails the test when a condition does not become true by what comes.
func (p *Pictures) Wait(what string, ok func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	for !ok() {
		select {
		case <-p.arrived:
		case <-ctx.Done():
			p.t.Fatalf("siptest: %s did not come", what)
		}
	}
}

// Show sends one frame, 1/30 s after the one before by its timestamp: a key frame with its parameter sets, or a slice. size
// is that of the slice, bytes. It is cut as was agreed: in mode 1 by STAP-A and FU-A.
func (p *Pictures) Show(number uint32, keyframe bool, size int) {
	p.t.Helper()
	p.show.mu.Lock()
	defer p.show.mu.Unlock()
	if p.show.cut == nil {
		mode := 0
		if (sdp.Format{Params: p.Agreed().Codec.Fmtp}).Param("packetization-mode") == "1" {
			mode = 1
		}
		p.show.cut = payload.NewH264Packetizer(payload.H264PacketizerConfig{MTU: 1200, Mode: mode}, media.SinkFunc[*media.Packet](p.Session.Write))
	}
	p.show.timestamp += 3000
	if err := p.show.cut.Write(&media.Frame{Data: Picture(number, keyframe, size), Timestamp: p.show.timestamp, Keyframe: keyframe}); err != nil {
		p.t.Errorf("siptest: show: %v", err)
	}
}

// Send sends one packet as it is given: number, timestamp and marker of a stream of one's own.
func (p *Pictures) Send(sequence uint16, timestamp uint32, marker bool, data []byte) {
	p.t.Helper()
	err := p.Session.Write(&media.Packet{Packet: rtp.Packet{
		Header: rtp.Header{Version: 2, SequenceNumber: sequence, Timestamp: timestamp, Marker: marker}, Payload: data,
	}, Level: media.NoLevel})
	if err != nil {
		p.t.Errorf("siptest: send: %v", err)
	}
}

// Picture makes a frame in Annex B that carries a number: with parameter sets before a key frame. No byte of it looks like
// a start code.
func Picture(number uint32, keyframe bool, size int) []byte {
	var b []byte
	head := byte(0x61) // a slice that others refer to
	if keyframe {
		b = append(b, 0, 0, 0, 1, 0x67, 0x42, 0xe0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xe8)
		b = append(b, 0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80)
		head = 0x65
	}
	b = append(b, 0, 0, 0, 1, head, 0x88)
	for range max(size-6, 0) {
		b = append(b, 0x55)
	}
	for shift := 21; shift >= 0; shift -= 7 {
		b = append(b, byte(number>>shift)|0x80)
	}
	return b
}
