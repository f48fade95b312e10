package rooms_test

import (
	"slices"
	"testing"
	"time"

	"legroom/e2ee/sframe"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/rooms"
	"legroom/transcode"
)

// TestPhoneIsSealed: browsers get nothing of a telephone before there is a grant with a key, and then what opens with the
// key of the grant and with nothing else.
func TestPhoneIsSealed(t *testing.T) {
	for _, c := range []media.Codec{pcmu, g722, full} {
		t.Run(string(c.Name), func(t *testing.T) {
			inMixed(t, func(t *testing.T, h *house, m *meeting) {
				web, other, bare := browser(), browser(), browser()
				web.unseal = m.keys(7)
				p := h.letIn(t, phone(c), rooms.Phone, rooms.Sender{Grant: 1, Line: 2})
				for i, l := range []*leg{web, other, bare} {
					h.letIn(t, l, rooms.Browser, rooms.Sender{Leaf: uint32(i)})
				}
				mic, src := speak(t, p, c), tone(c, 600)
				said := [][]byte(nil)
				if c.Name == media.Opus {
					sink := mic.sink
					mic.sink = media.SinkFunc[*media.Packet](func(p *media.Packet) error {
						p.Level = 33
						said = append(said, slices.Clone(p.Payload))
						return sink.Write(p)
					})
				}
				nothing := func(why string) {
					t.Helper()
					talk(time.Second, func() { mic.say(src) })
					for _, l := range []*leg{web, other, bare} {
						if n := l.last(t).packets(); n != 0 {
							t.Fatalf("%s: %d packets reach a browser", why, n)
						}
					}
				}
				nothing("without a grant")
				g := m.ask(t, sounds, 3)
				p.Room().Grant(g.Grant)
				nothing("without a key")
				g.take(t, 7)
				talk(time.Second, func() { mic.say(src) })

				heard := web.last(t)
				if s := heard.share(600); s < .9 {
					t.Errorf("with the key, the telephone is %g of what is heard", s)
				}
				if n := heard.packets(); n < 48 || n > 55 {
					t.Errorf("%d packets in a second", n)
				}
				if !slices.Equal(other.last(t).heard().shared, heard.heard().shared) {
					t.Error("it is sealed for each browser anew")
				}
				if s := bare.last(t).share(600); s > .1 {
					t.Errorf("without the key, the telephone is %g of what is heard", s)
				}
				notClear(t, h, heard.heard(), said)
				keyIDs(t, heard.heard().payloads, 1, 2)
				if l := heard.heard().level; c.Name == media.Opus && l != 33 || l < 10 || l > 35 {
					t.Errorf("level %d in the packets", l)
				}

				p.Room().Grant(nil)
				talk(100*time.Millisecond, func() { mic.say(src) })
				for _, l := range []*leg{web, other, bare} {
					l.last(t).forget()
				}
				nothing("after the grant")
			})
		})
	}
}

// notClear holds that sealed packets are no Opus of the telephone, and that one which speaks Opus is not encoded anew.
func notClear(t *testing.T, h *house, got heard, said [][]byte) {
	t.Helper()
	encoded := uint64(0)
	for _, e := range h.Encodes() {
		if e.Use == rooms.OfTrack {
			encoded += e.Packets
		}
	}
	if (said == nil) == (encoded == 0) {
		t.Errorf("%d packets are encoded of a telephone that says %d in Opus", encoded, len(said))
	}
	for _, payload := range got.payloads {
		if slices.ContainsFunc(said, func(clear []byte) bool { return slices.Equal(clear, payload) }) {
			t.Fatal("a packet of the telephone reaches a browser as it came")
		}
	}
	var decoded []int16
	d, err := transcode.NewDecode(full, media.SinkFunc[*media.PCM](func(p *media.PCM) error {
		decoded = append(decoded, p.Samples...)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	for i, payload := range got.payloads {
		p := &media.Packet{Level: media.NoLevel}
		p.SequenceNumber, p.Timestamp, p.Payload = uint16(i), uint32(960*i), payload
		_ = d.Write(p) // most of it is no Opus at all
	}
	if len(decoded) > 0 {
		if s := mediatest.ToneShare(decoded, 48000, 600); s > .1 {
			t.Errorf("without the key, the telephone is %g of what a decoder makes of it", s)
		}
	}
}

// keyIDs holds that frames were sealed as a line of a grant.
func keyIDs(t *testing.T, frames [][]byte, grant, line int) {
	t.Helper()
	for _, f := range frames {
		id, err := sframe.ReadKeyID(media.Opus, sframe.Audio, f)
		if err != nil || !id.Grantee() || id.Grant() != grant || id.Leg() != line {
			t.Fatalf("sealed as %v, %v; want line %d of grant %d", id, err, line, grant)
		}
	}
}

// TestPhoneSealsAsItsLine: without a line, with that of another grant, or one that was not asked for, nothing is sent.
func TestPhoneSealsAsItsLine(t *testing.T) {
	for name, c := range map[string]struct {
		sender *rooms.Sender
		heard  bool
	}{
		"its line":        {&rooms.Sender{Grant: 1, Line: 1}, true},
		"nobody":          {nil, false},
		"a browser":       {&rooms.Sender{Leaf: 1}, false},
		"another grant":   {&rooms.Sender{Grant: 2, Line: 1}, false},
		"an unnamed line": {&rooms.Sender{Grant: 1, Line: 2}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inMixed(t, func(t *testing.T, h *house, m *meeting) {
				web := browser()
				web.unseal = m.keys(7)
				h.letIn(t, web, rooms.Browser, rooms.Sender{Leaf: 3})
				p := h.letIn(t, phone(pcmu), rooms.Phone, rooms.Sender{})
				p.SetSender(c.sender)
				p.Room().Grant(m.ask(t, sounds, 2).take(t, 7).Grant)
				mic, src := speak(t, p, pcmu), tone(pcmu, 600)
				talk(time.Second, func() { mic.say(src) })
				if s := web.last(t).share(600); c.heard != (s > .9) || !c.heard && web.last(t).packets() > 0 {
					t.Errorf("%d packets, the telephone is %g of it", web.last(t).packets(), s)
				}
			})
		})
	}
}

// TestPhonesHearEachOther: inside the gateway telephones need no grant for one another.
func TestPhonesHearEachOther(t *testing.T) {
	inMixed(t, func(t *testing.T, h *house, _ *meeting) {
		one, other := phone(pcmu), phone(g722)
		p := h.letIn(t, one, rooms.Phone, rooms.Sender{Grant: 1})
		q := h.letIn(t, other, rooms.Phone, rooms.Sender{Grant: 1, Line: 1})
		mic, reply := speak(t, p, pcmu), speak(t, q, g722)
		low, high := tone(pcmu, 500), tone(g722, 1100)
		both := func() { mic.say(low); reply.say(high) }
		talk(500*time.Millisecond, both)
		one.last(t).forget()
		other.last(t).forget()
		talk(time.Second, both)
		if a, b := one.last(t).share(1100), other.last(t).share(500); a < .95 || b < .95 {
			t.Errorf("the other is %g and %g of what they hear", a, b)
		}
	})
}
