package sip

import (
	"context"

	"legroom/media"
	"legroom/sip/rtpsession"
	"legroom/sip/sdp"
)

// pictureLine is a line of pictures as it holds now. It is never changed.
type pictureLine struct {
	rtp    *rtpsession.Session
	agreed sdp.Agreed
}

// pictureEnd is our end of a line of pictures.
type pictureEnd struct {
	local sdp.LocalMedia
	// rtp is nil while no line needs it.
	rtp     *rtpsession.Session
	started bool
}

// opened tells whether it has ports. A session that ended by itself has none.
func (e *pictureEnd) opened() bool { return e.rtp != nil && e.rtp.Cause() == nil }

// carries tells whether a line that was agreed is this end's.
func (e *pictureEnd) carries(a sdp.Agreed) bool {
	return a.Kind == media.Video && a.Video.Content == e.local.Video.Content
}

// capabilities of all ends that have ports. Called locked.
func (m *MediaSession) capabilities() sdp.Capabilities {
	return m.capable(func(e *pictureEnd) bool { return e.opened() })
}

// capable has the ends of pictures that pass. Called locked.
func (m *MediaSession) capable(pass func(*pictureEnd) bool) sdp.Capabilities {
	caps := m.caps
	caps.Media = caps.Media[:1:1]
	for i := range m.ends {
		if e := &m.ends[i]; pass(e) {
			caps.Media = append(caps.Media, e.local)
		}
	}
	return caps
}

// openFor binds ports for the lines of pictures that an offer has and that will be taken: an answer on trial says which. A
// phone without pictures costs none. Called locked.
func (m *MediaSession) openFor(offer *sdp.Description) {
	if len(m.ends) == 0 || !offersPictures(offer) {
		return
	}
	n, err := Negotiate(offer, m.capable(func(*pictureEnd) bool { return true }))
	if err != nil {
		return
	}
	for i := range m.ends {
		if e := &m.ends[i]; agreedOf(n, e) != nil {
			m.bind(e)
		}
	}
}

func offersPictures(d *sdp.Description) bool {
	for i := range d.Media {
		if d.Media[i].Kind() == media.Video && d.Media[i].Port != 0 {
			return true
		}
	}
	return false
}

// agreedOf is the line that an end carries; nil for none.
func agreedOf(n *sdp.Negotiation, e *pictureEnd) *sdp.Agreed {
	if n == nil {
		return nil
	}
	for i := range n.Media {
		if e.carries(n.Media[i]) {
			return &n.Media[i]
		}
	}
	return nil
}

// openAll binds the ports of all ends, for an offer of ours. Called locked.
func (m *MediaSession) openAll() {
	for i := range m.ends {
		m.bind(&m.ends[i])
	}
}

// bind opens the session of an end. Without ports a call has sound alone. Called locked.
func (m *MediaSession) bind(e *pictureEnd) {
	if e.opened() || m.closed {
		return
	}
	s, err := m.open()
	if err != nil {
		return
	}
	e.rtp, e.started = s, false
	e.local.Port, e.local.RTCPPort = s.LocalPort(), s.LocalRTCPPort()
}

// applyPictures makes a negotiation hold for pictures. Called locked.
func (m *MediaSession) applyPictures(n *sdp.Negotiation) error {
	for i := range m.ends {
		e := &m.ends[i]
		if a := agreedOf(n, e); a != nil && e.opened() {
			if err := e.rtp.Apply(*a); err != nil {
				return err
			}
		}
	}
	return nil
}

// show swaps the snapshots of lines of pictures. Called locked.
func (m *MediaSession) show(n *sdp.Negotiation) {
	for i := range m.ends {
		e := &m.ends[i]
		var next *pictureLine
		if a := agreedOf(n, e); a != nil && e.opened() {
			next = &pictureLine{rtp: e.rtp, agreed: *a}
		}
		m.pictures[e.local.Video.Content].Store(next)
	}
}

// prune closes the sessions of lines that are not agreed, or no more. Called locked.
func (m *MediaSession) prune() {
	for i := range m.ends {
		e := &m.ends[i]
		if e.rtp != nil && agreedOf(m.caps.Previous, e) == nil {
			_ = e.rtp.Close(nil)
			e.rtp = nil
		}
	}
}

// start runs the sessions of pictures that do not run yet, while there is somebody to run them. Called locked.
func (m *MediaSession) start() {
	for i := range m.ends {
		e := &m.ends[i]
		if m.group == nil || !e.opened() || e.started || agreedOf(m.caps.Previous, e) == nil {
			continue
		}
		e.started = true
		session, content := e.rtp, e.local.Video.Content
		m.group.Go("pictures", func(ctx context.Context) error {
			if err := session.Run(ctx); err != nil {
				m.lose(session, content, err)
			}
			return nil
		})
	}
}

// lose notes that a line of pictures ended by itself, as after a failed DTLS handshake. The call goes on.
func (m *MediaSession) lose(session *rtpsession.Session, content sdp.Content, err error) {
	if l := m.pictures[content].Load(); l != nil && l.rtp == session && m.pictures[content].CompareAndSwap(l, nil) && m.failed != nil {
		m.failed(err)
	}
}

// line is what holds of a content; nil when there is none.
func (m *MediaSession) line(c sdp.Content) *pictureLine { return m.pictures[c].Load() }
