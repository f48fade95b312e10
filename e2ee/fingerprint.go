package e2ee

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// Fingerprint names a key to people and in links.
type Fingerprint [16]byte

// OwnerFingerprint is what a link says of the owner of a room.
func OwnerFingerprint(owner Key) Fingerprint { return fingerprint(labelOwner, owner) }

// GatewayFingerprint is what the operator reads out and a room's owner compares.
func GatewayFingerprint(gateway Key) Fingerprint { return fingerprint(labelGateway, gateway) }

func fingerprint(l label, k Key) Fingerprint {
	sum := sha256.Sum256(l.over(k[:]))
	return Fingerprint(sum[:16])
}

// String is the form for people: eight groups of four hex digits.
func (f Fingerprint) String() string {
	groups := make([]string, 0, 8)
	for i := 0; i < len(f); i += 2 {
		groups = append(groups, hex.EncodeToString(f[i:i+2]))
	}
	return strings.Join(groups, " ")
}

// Link is the form in links: base64url without padding (RFC 4648 section 5).
func (f Fingerprint) Link() string { return base64.RawURLEncoding.EncodeToString(f[:]) }

// LinkProof shows to all who have a room's link that the holder of the leaf key has it too; it tells nothing to others.
func LinkProof(secret [16]byte, room string, leaf Key) [16]byte {
	mac := hmac.New(sha256.New, secret[:])
	mac.Write(labelLobby.over(counted(room), leaf[:]))
	return [16]byte(mac.Sum(nil)[:16])
}
