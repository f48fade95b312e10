package visitor

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"legroom/e2ee"
)

const (
	longCodeLabel  = "legroom/1 long code\x00"
	longCodeRounds = 1 << 19
	longCodeGroups = 6
	longCodeGroup  = 5 // bytes of a group of five digits
)

// longCode is what all who share an epoch can compare. It is stretched, as a server with a ghost in both halves of a split
// room may look for any two epochs with equal codes.
func longCode(authenticator secret, group e2ee.Group, epoch uint64) (string, error) {
	salt := binary.BigEndian.AppendUint64(append([]byte(longCodeLabel), group[:]...), epoch)
	bits, err := pbkdf2.Key(sha256.New, string(authenticator[:]), salt, longCodeRounds, longCodeGroups*longCodeGroup)
	if err != nil {
		return "", fmt.Errorf("visitor: long code: %w", err)
	}
	var out []string
	for ; len(bits) > 0; bits = bits[longCodeGroup:] {
		n := uint64(0)
		for _, b := range bits[:longCodeGroup] {
			n = n<<8 | uint64(b)
		}
		out = append(out, fmt.Sprintf("%05d", n%100_000))
	}
	return strings.Join(out, " "), nil
}
