package sframe

import (
	"fmt"
	"sync"

	"legroom/media"
)

// Opener opens the frames of one stream and refuses those that came before. There is one for each base key and key id,
// shared by all who receive them, or a frame could be played to each once. Many goroutines may use it.
type Opener struct {
	mu sync.Mutex
	stream
	window window
}

// NewOpener derives the key of a stream. Errors: ErrConfig.
func NewOpener(c StreamConfig) (*Opener, error) {
	s, err := newStream(c)
	if err != nil {
		return nil, fmt.Errorf("opener: %w", err)
	}
	return &Opener{stream: s, window: newWindow(c.Kind)}, nil
}

// Open appends the frame that was sealed. Units that are never sent (SEI of H.264, metadata of AV1) are left out. On an
// error dst comes back as it was and the frame must be dropped; units before the bad one count as received.
// Owner: both are lent and have no part in common.
// Errors: ErrCodec, ErrEmpty, ErrMalformed, ErrUnit, ErrKeyID, ErrTag, ErrAuth, ErrReplay.
func (o *Opener) Open(dst []byte, codec media.CodecName, frame []byte) ([]byte, error) {
	rule, err := ruleOf(codec, o.kind)
	if err != nil {
		return dst, err
	}
	if len(frame) == 0 {
		return dst, ErrEmpty
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	out, err := rule.open(o, dst, frame)
	if err != nil {
		return dst, fmt.Errorf("opening %s: %w", codec, err)
	}
	return out, nil
}

// open appends the plaintext of one unit.
func (o *Opener) open(dst, clear []byte, u *unit) ([]byte, error) {
	if u.id != o.id {
		return dst, ErrKeyID
	}
	ciphertext, tag, err := o.cut(u.body)
	if err != nil {
		return dst, err
	}
	if o.tagger != nil && !o.tagger.good(tag, u.header, clear, ciphertext) {
		return dst, ErrTag
	}
	aad := u.header
	if len(clear) > 0 {
		o.aad = append(append(o.aad[:0], u.header...), clear...)
		aad = o.aad
	}
	out, err := o.key.open(dst, u.counter, ciphertext, aad)
	if err != nil {
		return dst, err
	}
	// Only now: a forged counter must not move the window.
	if !o.window.fresh(u.counter) {
		return dst, ErrReplay
	}
	o.window.take(u.counter)
	return out, nil
}

// cut parts ciphertext and sender tag. Nothing is sealed empty.
func (o *Opener) cut(body []byte) (ciphertext, tag []byte, err error) {
	n := len(body)
	if o.tagged {
		n -= TagSize
	}
	if n <= o.key.Overhead() {
		return nil, nil, fmt.Errorf("%d bytes sealed: %w", len(body), ErrMalformed)
	}
	return body[:n], body[n:], nil
}

// plainSize is how long the plaintext of a unit will be, 0 for one that does not open anyway.
func (o *Opener) plainSize(u *unit) int {
	ciphertext, _, err := o.cut(u.body)
	if err != nil {
		return 0
	}
	return len(ciphertext) - o.key.Overhead()
}
