package main

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"legroom/e2ee/sframe"
)

// mtu bounds a packet, bytes.
const mtu = 1200

// level of the tone as its packets name it, -dBov.
const level = 12

// stream sends one clip again and again, from its beginning whenever a key frame is asked for, as an encoder would make one.
type stream struct {
	kind   sframe.Kind
	clip   *clip
	track  *webrtc.TrackLocalStaticRTP
	sender *webrtc.RTPSender
	packet rtp.Packetizer
	sealer atomic.Pointer[sframe.Sealer]
	again  atomic.Bool
	sent   atomic.Int64
	sealed []byte
}

func newStream(kind sframe.Kind, c *clip) (*stream, error) {
	name := "camera"
	var payloader rtp.Payloader = &codecs.VP8Payloader{EnablePictureID: true}
	if kind == sframe.Audio {
		name, payloader = "microphone", &codecs.OpusPayloader{}
	}
	local, err := webrtc.NewTrackLocalStaticRTP(capability(kind), name, "member")
	if err != nil {
		return nil, err
	}
	s := &stream{kind: kind, clip: c, track: local}
	// Payload type and SSRC are the track's.
	s.packet = rtp.NewPacketizer(mtu, 0, 0, payloader, rtp.NewRandomSequencer(), capability(kind).ClockRate)
	return s, nil
}

// source is the word for the stream in an offer.
func (s *stream) source() string { return s.track.ID() }

// rekey seals under these keys from the next frame on. Each epoch comes once, so no counter comes twice.
func (s *stream) rekey(k *keys) error {
	id, err := sframe.BrowserKeyID(0, k.Leaf, k.Epoch)
	if err != nil {
		return err
	}
	base := k.Video
	if s.kind == sframe.Audio {
		base = k.Audio
	}
	sealer, err := sframe.NewSealer(sframe.StreamConfig{BaseKey: base, Kind: s.kind, KeyID: id})
	if err != nil {
		return err
	}
	s.sealer.Store(sealer)
	return nil
}

// run sends a frame at a time; the cameras of people do not beat in time.
func (s *stream) run(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(rand.N(s.clip.every)):
	}
	clock := time.NewTicker(s.clip.every)
	defer clock.Stop()
	for next := 0; ; next++ {
		select {
		case <-ctx.Done():
			return
		case <-clock.C:
		}
		if s.again.Swap(false) || next == len(s.clip.frames) {
			next = 0
		}
		s.send(s.clip.frames[next])
	}
}

func (s *stream) send(frame []byte) {
	sealer := s.sealer.Load()
	if sealer == nil {
		return
	}
	var err error
	if s.sealed, err = sealer.Seal(s.sealed[:0], codecOf(s.kind), frame); err != nil {
		return
	}
	for _, p := range s.packet.Packetize(s.sealed, s.clip.ticks) {
		s.mark(p)
		if s.track.WriteRTP(p) != nil {
			return
		}
	}
	s.sent.Add(1)
}

// mark tells the gateway how loud a packet is: by that it chooses whom it sends.
func (s *stream) mark(p *rtp.Packet) {
	if s.kind != sframe.Audio {
		return
	}
	for _, x := range s.sender.GetParameters().HeaderExtensions {
		if x.URI == uriLevel {
			_ = p.Header.SetExtension(uint8(x.ID), []byte{level}) // the id was negotiated, and fits
		}
	}
}

// hear reads what the gateway answers until the connection ends.
func (s *stream) hear() {
	for {
		packets, _, err := s.sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				s.again.Store(true)
			}
		}
	}
}
