package e2ee

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
)

// Key is a public key: Ed25519 of an owner, host, leaf or gateway, or X25519 of a request.
type Key [32]byte

// Group is the id of an MLS group.
type Group [16]byte

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// Signature is Ed25519 (RFC 8032).
type Signature [ed25519.SignatureSize]byte

// label is what a signature is for. It stands before what is signed, with a zero byte behind it. MLS's own signed strings
// begin with a length below 0x40 and ours with a letter, so that none can be taken for the other.
type label string

const (
	labelPass      label = "legroom/1 pass"
	labelCharter   label = "legroom/1 charter"
	labelHost      label = "legroom/1 host"
	labelLeaf      label = "legroom/1 leaf"
	labelRequest   label = "legroom/1 request"
	labelBundle    label = "legroom/1 bundle"
	labelBundleSig label = "legroom/1 bundle sig"
	labelLobby     label = "legroom/1 lobby"
	labelOwner     label = "legroom/1 owner"
	labelGateway   label = "legroom/1 gateway"
)

// over gives what is signed or hashed under the label.
func (l label) over(parts ...[]byte) []byte {
	n := len(l) + 1
	for _, p := range parts {
		n += len(p)
	}
	b := append(make([]byte, 0, n), l...)
	b = append(b, 0)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// sign makes a signature under a label.
func sign(k ed25519.PrivateKey, l label, parts ...[]byte) Signature {
	return Signature(ed25519.Sign(k, l.over(parts...)))
}

// verify tells whether the signature is of the key.
func verify(k Key, sig Signature, l label, parts ...[]byte) bool {
	return ed25519.Verify(k[:], l.over(parts...), sig[:])
}

func u32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

func u64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

// counted is a u16 length and the text.
func counted(s string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...)
}
