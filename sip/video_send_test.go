package sip_test

import (
	"slices"
	"sync/atomic"
	"testing"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/siptest"
)

// TestFragmentsForWhoTakesNone are left out and counted.
func TestFragmentsForWhoTakesNone(t *testing.T) {
	s := &stage{}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs))
	call := b.phone(room(siptest.H264Mode0)).Invite("1000").Answered()
	leg := <-legs
	sink, err := leg.Send(media.TrackInfo{Source: media.Camera, Codec: leg.Accepts(media.Video)[0]})
	if err != nil {
		t.Fatal(err)
	}
	for i, payload := range [][]byte{
		{0x67, 1}, {0x68, 1}, {0x7c, 0x85, 1}, {0x78, 0, 2, 0x67, 1}, make([]byte, 1600), {0x65, 1},
	} {
		p := &media.Packet{}
		p.SequenceNumber, p.Payload, p.Marker = uint16(i), payload, i == 5
		if len(payload) == 1600 {
			payload[0] = 0x65
		}
		if err := sink.Write(p); err != nil {
			t.Errorf("packet %d: %v", i, err)
		}
	}
	call.Pictures.Wait("three packets", func() bool { return len(call.Pictures.Packets()) == 3 })
	if got := leg.Stats().Video.Unfit; got != 3 {
		t.Errorf("%d unfit", got)
	}
	var numbers []uint16
	for _, p := range call.Pictures.Packets() {
		numbers = append(numbers, p.SequenceNumber-call.Pictures.Packets()[0].SequenceNumber)
	}
	if !slices.Equal(numbers, []uint16{0, 1, 5}) {
		t.Errorf("numbered %v: what is missing must be seen", numbers)
	}
	call.Bye()
}

// TestSourceSwitch: ten sources one after the other are one stream to the room system, and each begins with its key frame.
func TestSourceSwitch(t *testing.T) {
	s := &stage{}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs))
	call := b.phone(room(siptest.H264Mode1)).Invite("1000").Answered()
	leg := <-legs
	var asked atomic.Int32
	n := 0
	for source := range 10 {
		sink, err := leg.Send(media.TrackInfo{Source: media.Camera, Codec: leg.Accepts(media.Video)[0], RequestKeyframe: func(uint8) { asked.Add(1) }})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 6 {
			p := &media.Packet{}
			p.SSRC, p.SequenceNumber, p.Timestamp = uint32(source), uint16(source*7919+i), uint32(source*123457+i*3000)
			p.Payload, p.Marker = []byte{0x61, byte(source)}, true
			if i == 2 {
				p.Payload[0] = 0x65
			}
			if err := sink.Write(p); err != nil {
				t.Fatal(err)
			}
		}
		n += 4
		call.Pictures.Wait("the packets of a source", func() bool { return len(call.Pictures.Packets()) == n })
	}
	(&boardroom{bench: b, call: call}).whole(0)
	packets := call.Pictures.Packets()
	for i := range packets {
		if i%4 == 0 && (packets[i].Payload[0] != 0x65 || i > 0 && packets[i].Timestamp == packets[i-1].Timestamp) {
			t.Errorf("packet %d begins a source by %x at %d", i, packets[i].Payload, packets[i].Timestamp)
		}
	}
	if asked.Load() < 10 || leg.Stats().Video.Early != 20 {
		t.Errorf("asked %d times, %d came early", asked.Load(), leg.Stats().Video.Early)
	}
	call.Bye()
}

// TestVP8BothWays: a soft phone that has no H.264.
func TestVP8BothWays(t *testing.T) {
	r := shown(t, room(siptest.VP8))
	if got := r.leg.Accepts(media.Video); len(got) != 1 || got[0].Name != media.VP8 || r.leg.PictureLimits().NAL != 0 {
		t.Fatalf("accepts %v", got)
	}
	key := []byte{0x90, 0x80, 5, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00, 0, 0}
	for i := range uint16(5) {
		r.call.Pictures.Send(i, uint32(i)*3000, true, key)
	}
	r.call.Pictures.Wait("five packets", func() bool { return len(r.call.Pictures.Packets()) == 5 })
	r.whole(0)
	r.call.Bye()
}

// TestNoAllocationPerPicture: what a room writes goes out without memory.
func TestNoAllocationPerPicture(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	s := &stage{}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs))
	call := b.phone(room(siptest.H264Mode1)).Invite("1000").Answered()
	leg := <-legs
	sink, err := leg.Send(media.TrackInfo{Source: media.Camera, Codec: leg.Accepts(media.Video)[0], RequestKeyframe: func(uint8) {}})
	if err != nil {
		t.Fatal(err)
	}
	p := &media.Packet{}
	p.Payload = append([]byte{0x65}, make([]byte, 1000)...)
	before := leg.Stats().Video.PacketsOut
	call.Pictures.Session.OnPacket(nil) // its record makes memory
	if n := testing.AllocsPerRun(200, func() {
		p.SequenceNumber++
		p.Timestamp += 3000
		if err := sink.Write(p); err != nil {
			t.Error(err)
		}
	}); n >= 1 {
		t.Errorf("%v allocations a packet", n)
	}
	if got := leg.Stats().Video.PacketsOut - before; got < 200 {
		t.Errorf("%d packets: nothing measured", got)
	}
	call.Bye()
}

// TestWhatARoomTakes: limits follow the SDP, TMMBR and the packetization-mode.
func TestWhatARoomTakes(t *testing.T) {
	o := room(media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: "profile-level-id=42e01f;packetization-mode=0"})
	o.VideoBitrate = 1_500_000
	r := shown(t, o)
	want := media.PictureLimits{Width: 1280, Height: 720, FrameRate: 30, Bitrate: 1_500_000, NAL: 1200}
	if got := r.leg.PictureLimits(); got != want {
		t.Errorf("limits %+v, want %+v", got, want)
	}
	r.pass(3)
	var told atomic.Int32
	r.leg.OnPictures(func() { told.Add(1) })
	if err := r.call.Pictures.Session.RequestRate(600_000); err != nil {
		t.Fatal(err)
	}
	eventually(t, "less is sent", func() bool { return r.leg.PictureLimits().Bitrate <= 600_000 && told.Load() == 1 })
	// The other way round.
	r.stage.of(media.Camera)
	if err := r.leg.RequestBitrate(700_000); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the room system is bounded", func() bool { n := r.call.Pictures.Session.SendRate(); return n > 0 && n <= 700_000 })
	r.call.Bye()
}
