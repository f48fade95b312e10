package visitor

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"legroom/e2ee/mlsread"
)

// secretSize is that of every secret of suite 1, bytes.
const secretSize = sha256.Size

// secret of the key schedule.
type secret [secretSize]byte

// schedule holds the secrets of an epoch that a listener needs; those of trees and messages are not among them.
// Source: RFC 9420 section 8.
type schedule struct {
	exporter, confirmation, membership, authenticator, init secret
}

// joinerSecret of the epoch with this GroupContext, which a commit made from the init secret of the one before. A commit
// without a path has a commit secret of zeros. Source: RFC 9420 section 8.
func joinerSecret(init, commit secret, context []byte) secret {
	return expandWithLabel(extract(init, commit), "joiner", context)
}

// memberSecret is what Welcome and epoch are derived from. Rooms have no pre-shared keys: psk is zeros.
func memberSecret(joiner, psk secret) secret { return extract(joiner, psk) }

// newSchedule derives the secrets of an epoch.
func newSchedule(member secret, context []byte) *schedule {
	epoch := expandWithLabel(member, "epoch", context)
	return &schedule{
		exporter: deriveSecret(epoch, "exporter"), confirmation: deriveSecret(epoch, "confirm"),
		membership: deriveSecret(epoch, "membership"), authenticator: deriveSecret(epoch, "authentication"), init: deriveSecret(epoch, "init"),
	}
}

// next is the epoch that a commit without a path makes.
func (s *schedule) next(context []byte) *schedule {
	return newSchedule(memberSecret(joinerSecret(s.init, secret{}, context), secret{}), context)
}

// confirms tells whether a confirmation tag is of this epoch. Source: RFC 9420 section 6.1.
func (s *schedule) confirms(tag, transcript []byte) bool {
	return hmac.Equal(tag, mac(s.confirmation, transcript))
}

// vouches tells whether a membership tag is of this epoch. Source: RFC 9420 section 6.2.
func (s *schedule) vouches(tag, content []byte) bool {
	return hmac.Equal(tag, mac(s.membership, content))
}

// export is MLS-Exporter. Source: RFC 9420 section 8.5.
func (s *schedule) export(label string, context []byte, size int) []byte {
	hash := sha256.Sum256(context)
	return expand(deriveSecret(s.exporter, label), "exported", hash[:], size)
}

func mac(key secret, content []byte) []byte {
	m := hmac.New(sha256.New, key[:])
	m.Write(content)
	return m.Sum(nil)
}

func extract(salt, key secret) secret {
	out, err := hkdf.Extract(sha256.New, key[:], salt[:])
	if err != nil {
		panic(err) // of key lengths that do not occur
	}
	return secret(out)
}

// deriveSecret is DeriveSecret. Source: RFC 9420 section 8.
func deriveSecret(s secret, label string) secret { return expandWithLabel(s, label, nil) }

func expandWithLabel(s secret, label string, context []byte) secret {
	return secret(expand(s, label, context, secretSize))
}

// expand is ExpandWithLabel. Source: RFC 9420 section 8.
func expand(s secret, label string, context []byte, size int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(size))
	info = mlsread.AppendVector(info, []byte("MLS 1.0 "+label))
	info = mlsread.AppendVector(info, context)
	out, err := hkdf.Expand(sha256.New, s[:], string(info), size)
	if err != nil {
		panic(err) // of lengths that do not occur
	}
	return out
}
