package rooms_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"legroom/audio/opus"
	"legroom/e2ee/sframe"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/transcode"
)

// errRecoded is how a leg of the storm refuses a codec that it does not take any more.
var errRecoded = errors.New("the leg has changed its codec")

// stormLeg is an endpoint that looks at what it is sent, and keeps none of it.
type stormLeg struct {
	t       *testing.T
	sounds  int // capacity
	videos  int
	sending atomic.Bool
	heard   atomic.Int64  // packets of sound
	sealed  atomic.Int64  // of those, packets of telephones in an encrypted room
	news    chan struct{} // told of each of them; signals coalesce

	mu    sync.Mutex
	codec media.Codec // of sound
	lines []*stormLine
	cause error // it was closed with
}

func stormPhone(t *testing.T, c media.Codec) *stormLeg {
	return &stormLeg{t: t, sounds: 1, codec: c, news: make(chan struct{}, 1)}
}

func stormBrowser(t *testing.T) *stormLeg {
	return &stormLeg{t: t, sounds: 8, videos: 3, codec: full, news: make(chan struct{}, 1)}
}

func (l *stormLeg) Accepts(k media.Kind) []media.Codec {
	switch {
	case k == media.Audio:
		return []media.Codec{l.speaks()}
	case l.videos > 0:
		return []media.Codec{vp8}
	default:
		return nil
	}
}

func (l *stormLeg) Capacity(k media.Kind) int {
	if k == media.Audio {
		return l.sounds
	}
	return l.videos
}

func (l *stormLeg) Close(cause error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cause = cause
	return nil
}

// Send finds two that send at once, which Leg says do not come.
func (l *stormLeg) Send(info media.TrackInfo) (media.Sink[*media.Packet], error) {
	if !l.sending.CompareAndSwap(false, true) {
		l.t.Errorf("%s is sent to a leg while something else is", info.ID)
	} else {
		defer l.sending.Store(false)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if info.Kind() == media.Audio && !info.Codec.Same(l.codec) {
		return nil, errRecoded
	}
	if l.sounds == 1 && len(l.lines) > 0 {
		_ = l.lines[len(l.lines)-1].Close()
	}
	n := &stormLine{leg: l, info: info}
	l.lines = append(l.lines, n)
	if info.RequestKeyframe != nil {
		info.RequestKeyframe(0)
	}
	return n, nil
}

// speaks is the codec of now.
func (l *stormLeg) speaks() media.Codec {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.codec
}

// recode gives the leg another codec, as a re-offer does: what it was sent before is closed.
func (l *stormLeg) recode(c media.Codec) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.codec = c
	if n := len(l.lines); n > 0 {
		_ = l.lines[n-1].Close()
	}
}

// ended checks, when the leg has left, that all it was sent has ended, and answers how many streams that were.
func (l *stormLeg) ended() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.lines {
		if !n.closed.Load() {
			l.t.Errorf("%s in %v is still open behind a leg that has left", n.info.ID, n.info.Codec)
		}
	}
	return len(l.lines)
}

// stormLine is one stream to a leg of the storm.
type stormLine struct {
	leg    *stormLeg
	info   media.TrackInfo
	closed atomic.Bool

	// Of who writes, one at a time, or the race detector says so:
	last  uint32
	begun bool
}

func (n *stormLine) Write(p *media.Packet) error {
	if n.closed.Load() {
		return media.ErrClosed
	}
	if len(p.Payload) == 0 {
		n.leg.t.Errorf("%s: a packet with nothing in it", n.info.ID)
	}
	if n.info.Kind() != media.Audio {
		return nil
	}
	if n.begun && int32(p.Timestamp-n.last) <= 0 {
		n.leg.t.Errorf("%s: a packet at %d behind one at %d", n.info.ID, p.Timestamp, n.last)
	}
	n.begun, n.last = true, p.Timestamp
	if strings.HasSuffix(n.info.ID, "/sealed") {
		if id, err := sframe.ReadKeyID(media.Opus, sframe.Audio, p.Payload); err != nil || !id.Grantee() {
			n.leg.t.Errorf("%s: sent as %v, %v", n.info.ID, id, err)
		}
		n.leg.sealed.Add(1)
	}
	n.leg.heard.Add(1)
	select {
	case n.leg.news <- struct{}{}:
	default: // told already, and has not looked yet
	}
	return nil
}

func (n *stormLine) Close() error {
	n.closed.Store(true)
	return nil
}

// stormVoices are packets of a tone in each codec, made once: who speaks sends them again and again.
type stormVoices map[media.CodecName][]*media.Packet

func newStormVoices(t *testing.T) stormVoices {
	t.Helper()
	voices := make(stormVoices)
	for _, c := range []media.Codec{pcmu, pcma, g722, full} {
		e, err := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig()},
			media.SinkFunc[*media.Packet](func(p *media.Packet) error {
				voices[c.Name] = append(voices[c.Name], p.Clone())
				return nil
			}))
		if err != nil {
			t.Fatal(err)
		}
		src, n := tone(c, 700), c.SampleRate()/50
		for i := range 10 {
			_ = e.Write(&media.PCM{Samples: mediatest.Samples(src, n), Rate: n * 50, Timestamp: uint32(i * n), Level: 20})
		}
	}
	return voices
}

// stormMouth is a microphone, or a camera, that is published.
type stormMouth struct {
	sink  media.Sink[*media.Packet]
	codec media.Codec
	ready []*media.Packet
	seal  *sframe.Sealer // of a browser in an encrypted room; else nil
	seq   uint16
}

// say sends so many packets.
func (m *stormMouth) say(packets int) error {
	for range packets {
		p := *m.ready[int(m.seq)%len(m.ready)]
		p.SequenceNumber, p.Timestamp = m.seq, uint32(m.seq)*m.codec.Ticks(20*time.Millisecond)
		p.Arrived, p.Level = time.Now(), media.NoLevel
		if m.codec.Name == media.Opus {
			p.Level = 20 // browsers tell it
		}
		m.seq++
		if m.seal != nil {
			var err error
			if p.Payload, err = m.seal.Seal(nil, media.Opus, p.Payload); err != nil {
				return err
			}
		}
		if err := m.sink.Write(&p); err != nil {
			return err
		}
	}
	return nil
}
