package sframe

import (
	"fmt"
	"sync"

	"legroom/media"
)

// Sealer seals the frames of one stream. **There is one for each epoch, kind and track**: it holds the counter, and two
// under one key would use a counter twice. All simulcast layers of a track go through it. Many goroutines may use it.
type Sealer struct {
	mu sync.Mutex
	stream
	counter counter
}

// NewSealer derives the key of a stream. Errors: ErrConfig.
func NewSealer(c StreamConfig) (*Sealer, error) {
	if c.Tag == SkipTag {
		return nil, fmt.Errorf("a sender makes its tags: %w", ErrConfig)
	}
	s, err := newStream(c)
	if err != nil {
		return nil, fmt.Errorf("sealer: %w", err)
	}
	return &Sealer{stream: s}, nil
}

// Seal appends the sealed form of a whole encoded frame, of H.264 and AV1 without the units that are not sent. On an
// error dst comes back as it was and the frame must be dropped.
// Owner: both are lent and have no part in common. Errors: ErrCodec, ErrEmpty, ErrMalformed, ErrUnit, ErrExhausted.
func (s *Sealer) Seal(dst []byte, codec media.CodecName, frame []byte) ([]byte, error) {
	rule, err := ruleOf(codec, s.kind)
	if err != nil {
		return dst, err
	}
	if len(frame) == 0 {
		return dst, ErrEmpty
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out, err := rule.seal(s, dst, frame)
	if err != nil {
		return dst, fmt.Errorf("sealing %s: %w", codec, err)
	}
	return out, nil
}

// prefix appends header, ciphertext and tag of one unit.
func (s *Sealer) prefix(dst, clear, plaintext []byte) ([]byte, error) {
	c, err := s.begin(clear)
	if err != nil {
		return dst, err
	}
	header := s.aad[:len(s.aad)-len(clear)]
	dst = append(dst, header...)
	return s.body(dst, c, clear, plaintext), nil
}

// trailer appends ciphertext, tag, header and its marked length of one unit; the clear bytes are before dst's end already.
func (s *Sealer) trailer(dst, clear, plaintext []byte) ([]byte, error) {
	c, err := s.begin(clear)
	if err != nil {
		return dst, err
	}
	header := s.aad[:len(s.aad)-len(clear)]
	dst = s.body(dst, c, clear, plaintext)
	dst = append(dst, header...)
	return append(dst, trailerMark|byte(len(header))), nil
}

// begin takes a counter and sets the associated data.
func (s *Sealer) begin(clear []byte) (uint64, error) {
	c, err := s.counter.take()
	if err != nil {
		return 0, err
	}
	s.aad = append(Header{KeyID: uint64(s.id), Counter: c}.Append(s.aad[:0]), clear...)
	return c, nil
}

// body appends ciphertext and tag.
func (s *Sealer) body(dst []byte, c uint64, clear, plaintext []byte) []byte {
	at := len(dst)
	dst = s.key.seal(dst, c, plaintext, s.aad)
	if s.tagger == nil {
		return dst
	}
	return append(dst, s.tagger.tag(s.aad[:len(s.aad)-len(clear)], clear, dst[at:])...)
}
