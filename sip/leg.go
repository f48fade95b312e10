package sip

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"legroom/internal/logkey"
	"legroom/media"
	"legroom/sip/sdp"
)

// maxEarlyDigits is how many keys are kept while nobody listens yet.
const maxEarlyDigits = 32

// Leg is the media of one answered call. It is a rooms.Leg by shape: one stream of sound each way, and one of pictures where
// the other side has them.
type Leg struct {
	dialog *Dialog
	media  *MediaSession
	mic    microphone
	// pictures, if there are any.
	pictures pictures
	// codec in use now, by identity: a sink opened for another one drops what it gets.
	codec atomic.Pointer[media.Codec]

	// publishing orders who publishes: the leg's owner, or a change of codec.
	publishing sync.Mutex

	// keys orders what is told of keys; it is held while onDigit runs.
	keys    sync.Mutex
	digits  []rune
	onDigit func(rune)

	mu      sync.Mutex
	onHold  func(bool)
	onCodec func(media.Codec)
	held    bool
}

// LegStats are the counters of one leg.
type LegStats struct {
	// Codec in use.
	Codec media.Codec
	// Security of the hop.
	Security Security
	// PacketsIn and PacketsOut count RTP packets.
	PacketsIn, PacketsOut uint64
	// Lost packets of those that should have come; negative when some came twice.
	Lost int64
	// RemoteLost packets of ours, as the other side reports.
	RemoteLost int64
	// Jitter of what comes in (RFC 3550 section 6.4.1).
	Jitter time.Duration
	// RoundTrip time by RTCP; 0 while not known.
	RoundTrip time.Duration
	// Rejected packets: malformed, not authentic, from elsewhere or in no agreed format.
	Rejected uint64
	// SendDropped packets of ours that could not be sent.
	SendDropped uint64
	// Silent is how long ago the last packet came; 0 when none came yet.
	Silent time.Duration
	// Video is of the pictures.
	Video VideoStats
}

func newLeg(d *Dialog, m *MediaSession) *Leg {
	l := &Leg{dialog: d, media: m}
	m.rtp.OnPacket(&l.mic)
	m.rtp.OnDigit(func(r rune, _ time.Duration) { l.digit(r) })
	m.rtp.OnInactive(func(time.Duration) { _ = d.Hangup(ErrSilent) })
	l.pictures.asker = newAsker(l.askKeyframe)
	m.failed = func(err error) {
		d.log.Warn("pictures ended, sound goes on", logkey.Err, err)
		l.pictured()
	}
	return l
}

// Accepts lists the one codec that was agreed: of sound with the packet time the other side wants, of pictures with the
// format parameters of what it receives.
func (l *Leg) Accepts(k media.Kind) []media.Codec {
	if k == media.Video {
		return l.videoCodec()
	}
	c := l.codec.Load()
	if k != media.Audio || c == nil {
		return nil
	}
	return []media.Codec{*c}
}

// Capacity is 1 for audio, and 1 for video while the other side receives pictures.
func (l *Leg) Capacity(k media.Kind) int {
	switch k {
	case media.Audio:
		return 1
	case media.Video:
		return l.videoCapacity()
	default:
		return 0
	}
}

// Send opens the stream the phone hears, or is shown. A new Send replaces the one before, whose sink then answers
// media.ErrClosed. Pictures begin with the next key frame of the track, which is asked for one; it has to number its packets
// without a gap, so that gaps are seen.
// Owner: packets are lent; timestamps, sequence numbers and SSRC are made anew, so sources may change between packets.
// Errors: media.ErrClosed after the call; ErrNoCodec when the stream is in another codec than Accepts says.
func (l *Leg) Send(t media.TrackInfo) (media.Sink[*media.Packet], error) {
	if l.dialog.ctx.Err() != nil {
		return nil, fmt.Errorf("sip: send to leg %s: %w", l.dialog.short(), media.ErrClosed)
	}
	if t.Kind() == media.Video {
		return l.sendPictures(t)
	}
	c := l.codec.Load()
	if c == nil || !c.Same(t.Codec) {
		return nil, fmt.Errorf("sip: send %s to leg %s: %w", t.Codec, l.dialog.short(), ErrNoCodec)
	}
	return &legSink{leg: l, codec: c, dst: l.media.rtp.NewSource()}, nil
}

// legSink is what a room writes the leg's sound to.
type legSink struct {
	leg   *Leg
	codec *media.Codec
	dst   media.Sink[*media.Packet]
}

// Write sends one packet, unless a re-offer has changed the codec since the sink was opened.
func (s *legSink) Write(p *media.Packet) error {
	if s.leg.codec.Load() != s.codec {
		return media.ErrClosed
	}
	return s.dst.Write(p)
}

// Close ends the stream.
func (s *legSink) Close() error { return s.dst.Close() }

// Publish starts handing the phone's microphone to a room; before that received sound goes nowhere. A second Publish
// moves it: the old track is closed. A codec change by re-offer publishes anew by itself. Pictures that come are published
// beside it, as media.Camera; a publisher that refuses them gets the microphone alone. After the call the error is
// media.ErrClosed.
func (l *Leg) Publish(p media.Publisher) error {
	l.publishing.Lock()
	defer l.publishing.Unlock()
	if err := l.publish(p); err != nil {
		return err
	}
	l.publishPictures(p)
	return nil
}

// publish is called with publishing locked: a codec that changes meanwhile finds the track and opens it anew.
func (l *Leg) publish(p media.Publisher) error {
	c := l.codec.Load()
	if l.dialog.ctx.Err() != nil || c == nil {
		return fmt.Errorf("sip: publish leg %s: %w", l.dialog.short(), media.ErrClosed)
	}
	sink, err := p.Publish(media.TrackInfo{
		ID: l.dialog.localTag, Source: media.Microphone, Codec: *c, Layers: 1,
	})
	if err != nil {
		return fmt.Errorf("sip: publish leg %s: %w", l.dialog.short(), err)
	}
	l.mic.set(p, sink)
	if l.dialog.ctx.Err() != nil {
		// It ended meanwhile and nobody else will close the track.
		_ = l.mic.Close()
	}
	return nil
}

// OnDigit sets who is told of keys pressed, each exactly once, in order, however they came. It must not wait. Keys that
// were pressed before are told at once.
func (l *Leg) OnDigit(f func(rune)) {
	l.keys.Lock()
	defer l.keys.Unlock()
	for _, r := range l.digits {
		f(r)
	}
	l.digits, l.onDigit = nil, f
}

// OnHold sets who is told when the other side puts us on hold (true) and takes us back (false). It must not wait.
func (l *Leg) OnHold(f func(bool)) {
	l.mu.Lock()
	l.onHold = f
	l.mu.Unlock()
}

// OnCodec sets who is told that a re-offer changed the codec. Sinks opened by Send before answer media.ErrClosed by then
// and have to be opened anew. It must not wait.
func (l *Leg) OnCodec(f func(media.Codec)) {
	l.mu.Lock()
	l.onCodec = f
	l.mu.Unlock()
}

// Run moves media until ctx or the call ends; it returns nil then. A media session that cannot go on, as after a failed
// DTLS handshake, ends the call and is the error.
func (l *Leg) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(l.dialog.ctx, func() { cancel(context.Cause(l.dialog.ctx)) })
	defer stop()
	err := l.media.run(ctx)
	if err != nil && l.dialog.ctx.Err() == nil {
		err = fmt.Errorf("sip: media of leg %s: %w: %w", l.dialog.short(), ErrNoMedia, err)
		_ = l.dialog.Hangup(err)
		return err
	}
	return nil
}

// Close hangs up with cause. Idempotent.
func (l *Leg) Close(cause error) error { return l.dialog.Hangup(cause) }

// Security of the hop between phone and gateway.
func (l *Leg) Security() Security { return l.media.security() }

// Codec in use now; a re-offer may change it.
func (l *Leg) Codec() media.Codec {
	if c := l.codec.Load(); c != nil {
		return *c
	}
	return media.Codec{}
}

// SendDigit presses a key towards the other side (RFC 4733) and returns when it is released.
func (l *Leg) SendDigit(ctx context.Context, digit rune, length time.Duration) error {
	if err := l.media.rtp.SendDigit(ctx, digit, length); err != nil {
		return fmt.Errorf("sip: send digit: %w", err)
	}
	return nil
}

// Stats so far.
func (l *Leg) Stats() LegStats {
	s := l.media.rtp.Stats()
	d := s.Dropped
	out := LegStats{
		Codec: l.Codec(), Security: l.Security(), PacketsIn: s.Received.Packets, PacketsOut: s.Sent.Packets,
		Lost: s.Lost, RemoteLost: s.RemoteLost, Jitter: s.Jitter, RoundTrip: s.RTT,
		Rejected:    d.Malformed + d.Foreign + d.Unauthentic + d.PayloadType + d.Source,
		SendDropped: d.SendFull + d.SendError,
	}
	if !s.LastReceived.IsZero() {
		out.Silent = time.Since(s.LastReceived)
	}
	out.Video = l.videoStats()
	return out
}

// Done is closed when the call has ended.
func (l *Leg) Done() <-chan struct{} { return l.dialog.Done() }

// digit hands on one key.
func (l *Leg) digit(r rune) {
	l.keys.Lock()
	defer l.keys.Unlock()
	switch {
	case l.onDigit != nil:
		l.onDigit(r)
	case len(l.digits) < maxEarlyDigits:
		l.digits = append(l.digits, r)
	}
}

// infoDigit takes a key that came by INFO. Devices that send both ways at once send it twice: where telephone-events
// were agreed the ones in RTP count (RFC 4733 section 1.2 names them the way to go).
func (l *Leg) infoDigit(r rune) {
	if a, ok := l.media.Agreed(); ok && len(a.Events) > 0 {
		return
	}
	l.digit(r)
}

// changed is called after each offer and answer: it tells of hold, of a changed codec and of pictures.
func (l *Leg) changed(a sdp.Agreed) {
	l.mu.Lock()
	held := !a.Direction.Sends()
	onHold, onCodec := l.onHold, l.onCodec
	heldChanged := held != l.held
	l.held = held
	l.mu.Unlock()
	before := l.codec.Load()
	if before == nil || *before != a.Codec {
		c := a.Codec
		l.codec.Store(&c)
		if before != nil {
			l.republish()
			if onCodec != nil {
				onCodec(c)
			}
		}
	}
	if heldChanged && onHold != nil {
		onHold(held)
	}
	l.pictured()
}

// republish opens the track anew in the codec of now.
func (l *Leg) republish() {
	l.publishing.Lock()
	defer l.publishing.Unlock()
	p := l.mic.publisher()
	if p == nil {
		return
	}
	_ = l.mic.Close() // first: a participant has one microphone
	if err := l.publish(p); err != nil && !errors.Is(err, media.ErrClosed) {
		l.dialog.log.Warn("microphone could not be published in the new codec", logkey.Err, err)
	}
}

// microphone is where received sound, or pictures, go: nowhere, or to the published track.
type microphone struct {
	sink atomic.Pointer[publishedSink]
}

type publishedSink struct {
	publisher media.Publisher
	dst       media.Sink[*media.Packet]
}

// Write hands a packet to the track.
func (m *microphone) Write(p *media.Packet) error {
	if s := m.sink.Load(); s != nil {
		return s.dst.Write(p)
	}
	return nil
}

// Close closes the track.
func (m *microphone) Close() error {
	m.set(nil, nil)
	return nil
}

func (m *microphone) publisher() media.Publisher {
	if s := m.sink.Load(); s != nil {
		return s.publisher
	}
	return nil
}

func (m *microphone) set(p media.Publisher, sink media.Sink[*media.Packet]) {
	var next *publishedSink
	if sink != nil {
		next = &publishedSink{publisher: p, dst: sink}
	}
	if old := m.sink.Swap(next); old != nil {
		_ = old.dst.Close()
	}
}
