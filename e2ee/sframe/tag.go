package sframe

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// TagSize is the length of a sender tag, bytes.
const TagSize = 8

// TagKeySize is the length of the key of sender tags, bytes.
const TagKeySize = 32

// Tag says whether the frames of a stream bear a sender tag, and what is done with it. It follows from the epoch alone:
// while a grantee holds the key of a kind, every browser's frame of that kind is tagged under a key that all members have
// and no grantee has, for with the kind's key alone a grantee could speak as anybody.
type Tag uint8

// What is done with sender tags.
const (
	// NoTag: frames bear none.
	NoTag Tag = iota
	// CheckTag: members make it and check it.
	CheckTag
	// SkipTag: a grantee, which has no tag key, takes it off unchecked.
	SkipTag
)

// tagger makes the sender tags of one stream.
type tagger struct {
	mac  hash.Hash
	kind Kind
	lead []byte // what is hashed before the ciphertext, kept between frames
	sum  []byte
}

func newTagger(key []byte, kind Kind) *tagger {
	return &tagger{mac: hmac.New(sha256.New, key), kind: kind}
}

// tag hashes the header, the clear bytes and the ciphertext with its authentication tag. What comes back is valid until
// the next call.
func (t *tagger) tag(header, clear, ciphertext []byte) []byte {
	t.lead = append(t.lead[:0], byte(t.kind), byte(len(header)))
	t.lead = append(t.lead, header...)
	t.lead = binary.BigEndian.AppendUint32(t.lead, uint32(len(clear)))
	t.lead = append(t.lead, clear...)
	t.mac.Reset()
	t.mac.Write(t.lead)
	t.mac.Write(ciphertext)
	t.sum = t.mac.Sum(t.sum[:0])
	return t.sum[:TagSize]
}

// good tells in constant time whether t is the tag.
func (t *tagger) good(tag, header, clear, ciphertext []byte) bool {
	return hmac.Equal(tag, t.tag(header, clear, ciphertext))
}
