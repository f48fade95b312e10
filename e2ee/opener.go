package e2ee

import (
	"legroom/e2ee/sframe"
	"legroom/media"
)

// Opener opens one kind of media of all browsers in a group. Only a Grant makes one. Many goroutines may use it; all
// Openers of a Grant share what they remember of frames that came, so none is taken twice.
type Opener struct {
	grant *Grant
	kind  sframe.Kind
}

// Kind that it opens.
func (o *Opener) Kind() sframe.Kind { return o.kind }

// Open appends the opened frame, and tells whose it is. The sender tag is taken off unchecked: only members have its key.
// On an error dst comes back as it was and the frame must be dropped.
// Owner: dst and frame are lent and have no part in common; nothing is allocated once a stream is known.
// Errors: that of Grant.Err after the end; ErrNoKey when the epoch's bundle has not come or its time is over;
// sframe.ErrSender for a frame of a grantee; those of sframe.Opener.
func (o *Opener) Open(dst []byte, codec media.CodecName, frame []byte) ([]byte, sframe.KeyID, error) {
	id, err := sframe.ReadKeyID(codec, o.kind, frame)
	if err != nil {
		return dst, 0, err
	}
	if id.Grantee() {
		return dst, id, sframe.ErrSender
	}
	g := o.grant
	g.mu.RLock()
	e, err := g.epochOf(id)
	if err != nil {
		g.mu.RUnlock()
		return dst, id, err
	}
	if known := e.openers[streamID{o.kind, id}]; known != nil {
		out, err := known.Open(dst, codec, frame)
		g.mu.RUnlock()
		return out, id, err
	}
	g.mu.RUnlock()
	out, err := o.openFirst(id, dst, codec, frame)
	return out, id, err
}

// openFirst opens what may be the first frame of a stream, which is remembered if the frame is authentic.
func (o *Opener) openFirst(id sframe.KeyID, dst []byte, codec media.CodecName, frame []byte) ([]byte, error) {
	g := o.grant
	g.mu.Lock()
	defer g.mu.Unlock()
	e, err := g.epochOf(id)
	if err != nil {
		return dst, err
	}
	stream := streamID{o.kind, id}
	opener := e.openers[stream]
	if opener == nil {
		if len(e.openers) >= maxStreams {
			return dst, sframe.ErrSender
		}
		if opener, err = e.newOpener(stream); err != nil {
			return dst, err
		}
	}
	out, err := opener.Open(dst, codec, frame)
	if err == nil {
		e.openers[stream] = opener
	}
	return out, err
}

// epochOf finds the epoch of a frame; it is called locked.
func (g *Grant) epochOf(id sframe.KeyID) (*epoch, error) {
	if g.err != nil {
		return nil, g.err
	}
	e := g.epochs.byLowBits(id.Epoch())
	if e == nil {
		return nil, ErrNoKey
	}
	return e, nil
}
