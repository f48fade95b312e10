package siptest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"legroom/audio"
	"legroom/audio/g711"
	"legroom/audio/g722"
	"legroom/audio/opus"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/sip/rtpsession"
	"legroom/sip/sdp"
)

// frame is the packet time of what a Phone sends.
const frame = 20 * time.Millisecond

// Media is the sound of one call: a tone out, a recording in.
type Media struct {
	t testing.TB
	// Session carries it.
	Session *rtpsession.Session
	cancel  context.CancelFunc
	ctx     context.Context
	wg      sync.WaitGroup

	mu      sync.Mutex
	started bool
	stopped bool
	agreed  sdp.Agreed
	decoder audio.Decoder
	rate    int
	heard   []int16
	packets int
	digits  []rune
	arrived chan struct{}
}

func newMedia(t testing.TB, s *rtpsession.Session) *Media {
	m := &Media{t: t, Session: s, arrived: make(chan struct{}, 1)}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	s.OnPacket(media.SinkFunc[*media.Packet](m.record))
	s.OnDigit(func(r rune, _ time.Duration) {
		m.mu.Lock()
		m.digits = append(m.digits, r)
		m.mu.Unlock()
		m.signal()
	})
	return m
}

// start makes what was agreed hold; the first time it starts the session.
func (m *Media) start(a sdp.Agreed) {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopped {
		return
	}
	if err := m.Session.Apply(a); err != nil {
		m.t.Errorf("siptest: apply: %v", err)
		return
	}
	if m.decoder == nil || m.agreed.Codec != a.Codec {
		d, rate, err := decoderFor(a.Codec)
		if err != nil {
			m.t.Errorf("siptest: %v", err)
			return
		}
		if m.decoder != nil {
			m.decoder.Close()
		}
		m.decoder, m.rate = d, rate
	}
	m.agreed = a
	if !m.started {
		m.started = true
		m.wg.Go(func() {
			if err := m.Session.Run(m.ctx); err != nil {
				m.t.Errorf("siptest: media: %v", err)
			}
		})
	}
}

func (m *Media) stop() {
	m.mu.Lock()
	was := m.stopped
	m.stopped = true
	m.mu.Unlock()
	if was {
		return
	}
	m.cancel()
	_ = m.Session.Close(nil)
	m.wg.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.decoder != nil {
		m.decoder.Close()
		m.decoder = nil
	}
}

// Agreed is what holds now.
func (m *Media) Agreed() sdp.Agreed {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.agreed
}

func (m *Media) record(p *media.Packet) error {
	m.mu.Lock()
	if m.decoder != nil {
		m.heard, _ = m.decoder.Decode(m.heard, p.Payload)
		m.packets++
	}
	m.mu.Unlock()
	m.signal()
	return nil
}

func (m *Media) signal() {
	select {
	case m.arrived <- struct{}{}:
	default:
	}
}

// Heard is the sound recorded so far and its rate.
func (m *Media) Heard() ([]int16, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]int16(nil), m.heard...), m.rate
}

// Packets received so far.
func (m *Media) Packets() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.packets
}

// WaitPackets fails the test when n packets do not come.
func (m *Media) WaitPackets(n int) {
	m.t.Helper()
	m.wait(fmt.Sprintf("%d packets", n), func() bool { return m.Packets() >= n })
}

// WaitTone fails the test unless of the sound that comes from now on, for the given length, more than share is the tone.
func (m *Media) WaitTone(freq float64, length time.Duration, share float64) {
	m.t.Helper()
	m.mu.Lock()
	from, rate := len(m.heard), m.rate
	m.mu.Unlock()
	n := int(length.Seconds() * float64(rate))
	m.wait(fmt.Sprintf("%v of sound", length), func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return len(m.heard) >= from+n
	})
	sound, _ := m.Heard()
	if got := mediatest.ToneShare(sound[from:from+n], rate, freq); got < share {
		m.t.Errorf("siptest: %.0f Hz is %.3f of what was heard, want %.3f", freq, got, share)
	}
}

// WaitDigits fails the test when the keys pressed by the server do not come.
func (m *Media) WaitDigits(want string) {
	m.t.Helper()
	m.wait("digits "+want, func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return string(m.digits) == want
	})
}

func (m *Media) wait(what string, ok func() bool) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	for !ok() {
		select {
		case <-m.arrived:
		case <-ctx.Done():
			m.t.Fatalf("siptest: %s did not come", what)
		}
	}
}

// Tone sends a tone from now until the returned function is called or the call ends.
func (m *Media) Tone(freq float64) (stop func()) {
	m.t.Helper()
	encode, rate, err := encoderFor(m.Agreed().Codec)
	if err != nil {
		m.t.Fatalf("siptest: %v", err)
	}
	ctx, cancel := context.WithCancel(m.ctx)
	m.wg.Go(func() {
		defer encode.Close()
		tone := mediatest.NewTone(rate, freq, 0.35)
		pcm := make([]int16, rate/50)
		tick := time.NewTicker(frame)
		defer tick.Stop()
		codec := m.Agreed().Codec
		var ts uint32
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			tone.Fill(pcm)
			payload, err := encode.Encode(nil, pcm)
			if err != nil {
				return
			}
			_ = m.Session.Write(&media.Packet{Packet: rtp.Packet{Header: rtp.Header{Timestamp: ts}, Payload: payload}})
			ts += codec.Ticks(frame)
		}
	})
	return cancel
}

// Press sends telephone keys as RTP events.
func (m *Media) Press(keys string) {
	m.t.Helper()
	for _, r := range keys {
		if err := m.Session.SendDigit(m.ctx, r, 80*time.Millisecond); err != nil {
			m.t.Fatalf("siptest: digit: %v", err)
		}
	}
}

func encoderFor(c media.Codec) (audio.Encoder, int, error) {
	switch c.Name {
	case media.PCMU:
		return g711.NewEncoder(g711.Mu), 8000, nil
	case media.PCMA:
		return g711.NewEncoder(g711.A), 8000, nil
	case media.G722:
		return g722.NewEncoder(), 16000, nil
	case media.Opus:
		e, err := opus.NewEncoder(opus.DefaultConfig())
		return e, 48000, err
	default:
		return nil, 0, fmt.Errorf("no encoder for %s", c)
	}
}

func decoderFor(c media.Codec) (audio.Decoder, int, error) {
	switch c.Name {
	case media.PCMU:
		return g711.NewDecoder(g711.Mu), 8000, nil
	case media.PCMA:
		return g711.NewDecoder(g711.A), 8000, nil
	case media.G722:
		return g722.NewDecoder(), 16000, nil
	case media.Opus:
		d, err := opus.NewDecoder(48000)
		return d, 48000, err
	default:
		return nil, 0, fmt.Errorf("no decoder for %s", c)
	}
}
