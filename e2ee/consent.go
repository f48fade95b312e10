package e2ee

import "crypto/sha256"

// maxConsents is how large a room can be in which everybody has to consent to a grant.
const maxConsents = 25

// consent is one leaf's signature that a gateway may be let in.
type consent struct {
	_    struct{} `cbor:",toarray"`
	Leaf uint32
	Sig  Signature
}

// ConsentingLeaf is a leaf that has to consent.
type ConsentingLeaf struct {
	// Leaf index, and its signature Key.
	Leaf uint32
	Key  Key
}

// VerifyConsents proves that every one of the leaves, which are in ascending order, consented to the encoded request in
// this group and epoch. Errors: ErrEncoding, ErrInvalid, ErrSignature.
func VerifyConsents(encoded []byte, group Group, epoch uint64, request []byte, leaves []ConsentingLeaf) error {
	var given []consent
	if err := decode("consents", encoded, &given); err != nil {
		return err
	}
	if len(leaves) > maxConsents || len(given) != len(leaves) {
		return &InvalidError{"consents", "not of all"}
	}
	hash := sha256.Sum256(request)
	for i, c := range given {
		if c.Leaf != leaves[i].Leaf {
			return &InvalidError{"consents", "not of all"}
		}
		if !verify(leaves[i].Key, c.Sig, labelConsent, group[:], u64(epoch), hash[:]) {
			return ErrSignature
		}
	}
	return nil
}
