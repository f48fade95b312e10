package peer

import (
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"legroom/media"
)

// pump writes a packet every few milliseconds until the returned function is called.
func pump(t *testing.T, write func(i int)) (stop func()) {
	t.Helper()
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-quit:
				return
			case <-tick.C:
				write(i)
			}
		}
	}()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			close(quit)
			<-done
		}
	}
	t.Cleanup(stop)
	return stop
}

func TestAudioBothWays(t *testing.T) {
	e := startEngine(t, testConfig())
	r := &room{}
	leg := newTestLeg(t, e, "a", r)
	c := newClient(t, clientOptions{})
	mic := c.send(webrtc.MimeTypeOpus)[0]
	c.recv(webrtc.RTPCodecTypeAudio, 2)
	c.negotiate(leg, nil, media.Microphone)
	connected(t, leg)

	if n := leg.Capacity(media.Audio); n != 2 {
		t.Fatalf("capacity %d, want 2", n)
	}
	pump(t, func(i int) {
		_ = mic.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i * 960)}, Payload: []byte{0xf8, 1, 2}})
	})
	eventually(t, "microphone published", func() bool {
		tr := r.track(media.Microphone)
		return tr != nil && len(tr.packets()) > 10
	})
	tr := r.track(media.Microphone)
	if tr.info.Codec != offeredAudio[0] || tr.info.Layers != 1 {
		t.Errorf("published as %+v", tr.info)
	}

	sink, err := leg.Send(media.TrackInfo{ID: "x", Participant: "p1", Source: media.Microphone, Codec: offeredAudio[0]})
	if err != nil {
		t.Fatal(err)
	}
	stop := pump(t, func(i int) {
		p := &media.Packet{Packet: rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(65530 + i), Timestamp: uint32(i * 960), SSRC: 7}, Payload: []byte{0xf8, byte(i)}}, Arrived: time.Now(), Level: 23}
		if err := sink.Write(p); err != nil {
			t.Errorf("write: %v", err)
		}
	})
	mid := leg.Slots()[0].MID
	t.Cleanup(func() { t.Logf("%+v", leg.Stats()) })
	eventually(t, "sound at the browser", func() bool { return len(c.on(mid).list()) > 20 })
	stop()
	contiguous(t, c.on(mid).list())
}

// contiguous checks that sequence numbers follow one another, under one SSRC.
func contiguous(t *testing.T, packets []*rtp.Packet) {
	t.Helper()
	for i := 1; i < len(packets); i++ {
		a, b := packets[i-1], packets[i]
		if b.SequenceNumber != a.SequenceNumber+1 || a.SSRC != b.SSRC {
			t.Fatalf("packet %d: sequence %d after %d, ssrc %d after %d", i, b.SequenceNumber, a.SequenceNumber, b.SSRC, a.SSRC)
		}
	}
}
