package e2ee

import (
	"crypto/ed25519"
	"fmt"
)

// MarkedState is what the mark of a browser showed its user.
type MarkedState string

// States of the mark. The zero value is refused.
const (
	// MarkSealed: end-to-end encrypted, no machine has a key.
	MarkSealed MarkedState = "sealed"
	// MarkAsked: the same, while a gateway asks to be let in.
	MarkAsked MarkedState = "asked"
	// MarkAudioOpen: gateways have the keys of sound, and of nothing else.
	MarkAudioOpen MarkedState = "audioOpen"
	// MarkMediaOpen: gateways have more than that, or one of them records.
	MarkMediaOpen MarkedState = "mediaOpen"
	// MarkSealing: a grant was taken away, and not everybody has new keys yet.
	MarkSealing MarkedState = "sealing"
	// MarkBroken: sending was stopped.
	MarkBroken MarkedState = "broken"
)

// Checkpoint is what a browser vouches for with its leaf key when it joins, when it leaves and whenever its mark changes.
// A log that tells another history contradicts it.
type Checkpoint struct {
	// Version is 1.
	Version uint8 `cbor:"v"`
	// Group and Epoch that the browser is in.
	Group Group  `cbor:"group"`
	Epoch uint64 `cbor:"epoch"`
	// Transcript is the confirmed transcript hash (RFC 9420 section 8.2): 32 bytes, none in the first epoch.
	Transcript []byte `cbor:"transcript"`
	// Tree is the tree hash (RFC 9420 section 7.8), Room the SHA-256 of the encoded Policy.
	Tree Hash `cbor:"tree"`
	Room Hash `cbor:"room"`
	// State of the mark.
	State MarkedState `cbor:"state"`
}

// DecodeCheckpoint reads a checkpoint. The signature is not looked at. Errors: ErrEncoding, ErrInvalid.
func DecodeCheckpoint(b []byte) (*Checkpoint, error) {
	c := new(Checkpoint)
	if err := decode("checkpoint", b, c); err != nil {
		return nil, err
	}
	switch {
	case c.Version != version:
		return nil, &InvalidError{"checkpoint", "version"}
	case c.Epoch > maxInteger:
		return nil, &InvalidError{"checkpoint", "epoch out of range"}
	case len(c.Transcript) != len(Hash{}) && (c.Epoch > 0 || len(c.Transcript) > 0):
		return nil, &InvalidError{"checkpoint", "transcript hash"}
	}
	switch c.State {
	case MarkSealed, MarkAsked, MarkAudioOpen, MarkMediaOpen, MarkSealing, MarkBroken:
		return c, nil
	default:
		return nil, &InvalidError{"checkpoint", "state"}
	}
}

// Encode gives what is signed.
func (c *Checkpoint) Encode() ([]byte, error) { return encode("checkpoint", c) }

// SignCheckpoint signs an encoded checkpoint as the leaf.
func SignCheckpoint(leaf ed25519.PrivateKey, encoded []byte) Signature {
	return sign(leaf, labelCheckpoint, encoded)
}

// VerifyCheckpoint tells whether the leaf signed it.
func VerifyCheckpoint(encoded []byte, leaf Key, sig Signature) bool {
	return verify(leaf, sig, labelCheckpoint, encoded)
}

// SignLog signs text of a meeting's log as the gateway.
func (i *Identity) SignLog(text []byte) Signature { return sign(i.key, labelLog, text) }

// VerifyLog tells whether the gateway signed text of a log.
func VerifyLog(text []byte, gateway Key, sig Signature) bool {
	return verify(gateway, sig, labelLog, text)
}

const (
	labelCheckpoint label = "legroom/1 checkpoint"
	labelLog        label = "legroom/1 log"
	labelConsent    label = "legroom/1 consent"
)

// Certified proves that the leaf key is of the identity, in this room, at whatever time. Errors: ErrSignature.
func (c *Credential) Certified(room string, leaf Key) error {
	if !verify(c.Identity, c.Certificate, labelLeaf, counted(room), leaf[:], u64(uint64(c.NotAfter))) {
		return fmt.Errorf("e2ee: credential: %w", ErrSignature)
	}
	return nil
}
