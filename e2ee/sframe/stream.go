package sframe

import "fmt"

// BaseKeySize is the length of a base key, bytes: what key derivation of a group gives for AES128GCM.
const BaseKeySize = 16

// StreamConfig is all that one stream, frames of one kind under one key id, is sealed or opened with.
type StreamConfig struct {
	// BaseKey of the kind: the members' own, or the one of a grantee. It is not kept.
	BaseKey []byte
	// Kind of media.
	Kind Kind
	// KeyID of the sender.
	KeyID KeyID
	// Tag of the frames; a grantee's are never tagged.
	Tag Tag
	// TagKey for CheckTag, 32 bytes. It is not kept.
	TagKey []byte
}

func (c *StreamConfig) validate() error {
	switch {
	case len(c.BaseKey) != BaseKeySize:
		return fmt.Errorf("base key of %d bytes: %w", len(c.BaseKey), ErrConfig)
	case !c.Kind.valid():
		return fmt.Errorf("kind %d: %w", c.Kind, ErrConfig)
	case !c.KeyID.valid():
		return fmt.Errorf("key id of more than %d bits: %w", keyIDBits, ErrConfig)
	case c.Tag > SkipTag:
		return fmt.Errorf("tag rule %d: %w", c.Tag, ErrConfig)
	case c.Tag != NoTag && c.KeyID.Grantee():
		return fmt.Errorf("tagged grantee: %w", ErrConfig)
	case c.Tag == CheckTag && len(c.TagKey) != TagKeySize:
		return fmt.Errorf("tag key of %d bytes: %w", len(c.TagKey), ErrConfig)
	}
	return nil
}

// stream is what sealing and opening have in common.
type stream struct {
	key    *Key
	kind   Kind
	id     KeyID
	tagged bool    // frames bear a tag
	tagger *tagger // nil where none is made or checked
	aad    []byte  // header and clear bytes, kept between frames
	unit   []byte  // a unit before it is escaped or behind that, kept between frames
}

func newStream(c StreamConfig) (stream, error) {
	if err := c.validate(); err != nil {
		return stream{}, err
	}
	key, err := NewKey(AES128GCM, c.BaseKey, uint64(c.KeyID))
	if err != nil {
		return stream{}, err
	}
	s := stream{key: key, kind: c.Kind, id: c.KeyID, tagged: c.Tag != NoTag}
	if c.Tag == CheckTag {
		s.tagger = newTagger(c.TagKey, c.Kind)
	}
	return s, nil
}
