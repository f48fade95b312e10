package sip

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"legroom/internal/logkey"
	"legroom/media"
	"legroom/sip/rtpsession"
	"legroom/sip/sdp"
)

// pictures is the line of pictures of a leg: its camera, what it is shown, and who asks whom for a key frame. A leg without
// such a line has one too, that does nothing.
type pictures struct {
	asker    *asker
	informer informer
	camera   microphone
	slides   microphone
	// codec that is sent, by identity: a sink opened for another one is closed. nil while no line is agreed.
	codec atomic.Pointer[media.Codec]
	// feed is who sends now.
	feed atomic.Pointer[pictureSink]

	early, unfit, asked atomic.Uint64

	// changing orders changes of the line; it is held while tracks are published anew.
	changing sync.Mutex
	line     *pictureLine
	shown    *pictureLine // of slides

	mu   sync.Mutex
	on   func()
	told pictureState
}

// pictureState is what OnPictures tells the change of.
type pictureState struct {
	codec  *media.Codec
	sends  bool
	limits media.PictureLimits
}

// VideoStats are the counters of the pictures of a leg.
type VideoStats struct {
	// Codec in use; zero while no pictures are agreed.
	Codec media.Codec
	// PacketsIn and PacketsOut count RTP packets, without those sent again.
	PacketsIn, PacketsOut uint64
	// Lost packets of those that should have come; RemoteLost of ours, as the other side reports.
	Lost, RemoteLost int64
	// KeyframesAsked is how often the other side asked for a key frame, by RTCP or INFO; KeyframesWanted how often we did.
	KeyframesAsked, KeyframesWanted uint64
	// Retransmitted packets, that the other side asked for again.
	Retransmitted uint64
	// PacketsWanted is how many we asked for again.
	PacketsWanted uint64
	// Unfit packets of ours were not sent because the agreed packetization does not allow them, Early ones because no key
	// frame had come before them.
	Unfit, Early uint64
}

// HasVideo tells whether a line of pictures is agreed, whatever its direction.
func (l *Leg) HasVideo() bool { return l.media.line(sdp.MainContent) != nil }

// OnPictures sets who is told that the codec of pictures, PictureLimits (the bit rate by more than a tenth) or whether there
// are pictures at all has changed. Sinks of another codec answer media.ErrClosed by then. It must not wait, and may be told
// from any goroutine.
func (l *Leg) OnPictures(f func()) {
	l.pictures.mu.Lock()
	l.pictures.on = f
	l.pictures.mu.Unlock()
}

// PictureLimits is what may be sent now; zero without pictures.
func (l *Leg) PictureLimits() media.PictureLimits {
	line := l.media.line(sdp.MainContent)
	if line == nil {
		return media.PictureLimits{}
	}
	return limitsOf(line.agreed, l.dialog.srv.cfg.Video, line.rtp.SendRate())
}

// RequestBitrate asks the other side to send pictures with no more than a bit rate, 0 for no bound.
// Units: bit/s. Errors: rtpsession.ErrNoFeedback where the other side takes no such request (TMMBR), or has no pictures.
func (l *Leg) RequestBitrate(rate int) error {
	line := l.media.line(sdp.MainContent)
	if line == nil {
		return fmt.Errorf("sip: request bit rate of leg %s: %w", l.dialog.short(), rtpsession.ErrNoFeedback)
	}
	if err := line.rtp.RequestRate(rate); err != nil {
		return fmt.Errorf("sip: request bit rate of leg %s: %w", l.dialog.short(), err)
	}
	return nil
}

// videoCodec that is sent, while the other side receives.
func (l *Leg) videoCodec() []media.Codec {
	if c := l.pictures.codec.Load(); c != nil {
		return []media.Codec{*c}
	}
	return nil
}

// videoName is the codec of pictures for people: empty without any.
func (l *Leg) videoName() string {
	if c := l.pictures.codec.Load(); c != nil {
		return string(c.Name)
	}
	return ""
}

// videoCapacity is 1 while the other side receives pictures.
func (l *Leg) videoCapacity() int {
	if line := l.media.line(sdp.MainContent); line != nil && line.agreed.Direction.Sends() {
		return 1
	}
	return 0
}

// sendPictures is Send of pictures. The source is asked for a key frame, with which the stream begins.
func (l *Leg) sendPictures(t media.TrackInfo) (media.Sink[*media.Packet], error) {
	v := &l.pictures
	c, line := v.codec.Load(), l.media.line(sdp.MainContent)
	if c == nil || line == nil || !c.Same(t.Codec) {
		return nil, fmt.Errorf("sip: send %s to leg %s: %w", t.Codec, l.dialog.short(), ErrNoCodec)
	}
	s := &pictureSink{pictures: v, codec: c, mode: packetizationMode(*c), dst: line.rtp.NewSource(), request: t.RequestKeyframe}
	v.feed.Store(s)
	s.ask(0)
	return s, nil
}

// keyframeAsked passes a request of the other side on to whoever sends now, who merges requests.
func (v *pictures) keyframeAsked() {
	if s := v.feed.Load(); s != nil {
		s.ask(uint8(s.layer.Load()))
	}
}

// askKeyframe asks the other side for a key frame of its camera: by RTCP, or by INFO where no feedback was agreed.
func (l *Leg) askKeyframe() {
	line := l.media.line(sdp.MainContent)
	if line != nil && errors.Is(line.rtp.RequestKeyframe(), rtpsession.ErrNoFeedback) {
		l.askByINFO()
	}
}

// pictured follows a change of the lines of pictures: after an offer and answer, or when one ended by itself.
func (l *Leg) pictured() {
	v := &l.pictures
	v.changing.Lock()
	before, now := v.line, l.media.line(sdp.MainContent)
	v.line = now
	switch {
	case now == nil:
		v.codec.Store(nil)
	case before == nil || before.rtp != now.rtp:
		now.rtp.OnPacket(&v.camera)
		now.rtp.OnKeyframe(v.keyframeAsked)
		now.rtp.OnRate(l.tellPictures)
		fallthrough
	case before.agreed.Codec != now.agreed.Codec:
		c := now.agreed.Codec
		v.codec.Store(&c)
	case now.agreed.Direction.Sends() && !before.agreed.Direction.Sends():
		if s := v.feed.Load(); s != nil {
			s.again() // taken back from hold: what came meanwhile it never saw
		}
	}
	slides := l.media.line(sdp.SlidesContent)
	if slides != nil && (v.shown == nil || v.shown.rtp != slides.rtp) {
		slides.rtp.OnPacket(&v.slides)
	}
	shownBefore := v.shown
	v.shown = slides
	if !sameTrack(before, now) || !sameTrack(shownBefore, slides) {
		l.republishPictures()
	}
	v.changing.Unlock()
	l.tellPictures()
}

// sameTrack tells whether what comes in on a line is still the same track.
func sameTrack(a, b *pictureLine) bool {
	if !receives(a) || !receives(b) {
		return receives(a) == receives(b)
	}
	return a.rtp == b.rtp && a.agreed.Codec == b.agreed.Codec
}

func receives(l *pictureLine) bool { return l != nil && l.agreed.Direction.Receives() }

// tellPictures tells of a change, if it is one.
func (l *Leg) tellPictures() {
	v := &l.pictures
	now := pictureState{codec: v.codec.Load(), sends: l.videoCapacity() > 0, limits: l.PictureLimits()}
	v.mu.Lock()
	before, f := v.told, v.on
	same := before.codec == now.codec && before.sends == now.sends && !moved(before.limits, now.limits)
	if !same {
		v.told = now
	}
	v.mu.Unlock()
	if !same && f != nil {
		f()
	}
}

// republishPictures opens the tracks of pictures anew, for whoever has the microphone.
func (l *Leg) republishPictures() {
	l.publishing.Lock()
	defer l.publishing.Unlock()
	if p := l.mic.publisher(); p != nil {
		l.publishPictures(p)
	}
}

// publishPictures is called with publishing locked. A room that refuses them leaves the call with its sound.
func (l *Leg) publishPictures(p media.Publisher) {
	v := &l.pictures
	l.publishLine(p, &v.camera, l.media.line(sdp.MainContent), media.Camera)
	l.publishLine(p, &v.slides, l.media.line(sdp.SlidesContent), media.Screen)
}

func (l *Leg) publishLine(p media.Publisher, to *microphone, line *pictureLine, source media.Source) {
	_ = to.Close() // first: a participant has one of each
	if !receives(line) || l.dialog.ctx.Err() != nil {
		return
	}
	ask := l.pictures.asker.ask
	if source == media.Screen {
		ask = func() { _ = line.rtp.RequestKeyframe() }
	}
	sink, err := p.Publish(media.TrackInfo{
		ID: l.dialog.localTag + "/" + source.String(), Source: source, Codec: line.agreed.Codec, Layers: 1,
		RequestKeyframe: func(uint8) { ask() },
	})
	if err != nil {
		if !errors.Is(err, media.ErrClosed) {
			l.dialog.log.Warn("pictures could not be published", logkey.Source, source.String(), logkey.Codec, string(line.agreed.Codec.Name), logkey.Err, err)
		}
		return
	}
	to.set(p, sink)
	if l.dialog.ctx.Err() != nil {
		_ = to.Close() // it ended meanwhile and nobody else will
	}
}

// endPictures lets go of what the pictures held.
func (l *Leg) endPictures() {
	l.pictures.asker.end()
	_ = l.pictures.camera.Close()
	_ = l.pictures.slides.Close()
}

// videoStats so far.
func (l *Leg) videoStats() VideoStats {
	v := &l.pictures
	out := VideoStats{Unfit: v.unfit.Load(), Early: v.early.Load(), KeyframesAsked: v.asked.Load()}
	line := l.media.line(sdp.MainContent)
	if line == nil {
		return out
	}
	s := line.rtp.Stats()
	out.Codec, out.PacketsIn, out.PacketsOut = line.agreed.Codec, s.Received.Packets, s.Sent.Packets
	out.Lost, out.RemoteLost = s.Lost, s.RemoteLost
	out.KeyframesAsked += s.Feedback.KeyframesAsked
	out.KeyframesWanted, out.Retransmitted = s.Feedback.KeyframesWanted, s.Feedback.Resent
	out.PacketsWanted = s.Feedback.PacketsWanted
	return out
}
