package sdp

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Crypto is one a=crypto line (RFC 4568). Never log it.
type Crypto struct {
	// Tag to be repeated in the answer.
	Tag uint32
	// Suite it is for.
	Suite Suite
	// Key is the master key and the salt behind it.
	Key []byte
	// MKI is the master key identifier in every packet; usually empty.
	MKI []byte
}

// String leaves the key out.
func (c Crypto) String() string { return fmt.Sprintf("crypto:%d %s", c.Tag, c.Suite) }

// attribute is the line, with the key.
func (c Crypto) attribute() Attribute {
	return Attribute{Key: "crypto", Value: fmt.Sprintf("%d %s inline:%s", c.Tag, c.Suite, base64.StdEncoding.EncodeToString(c.Key))}
}

// minLifetime is the least lifetime of a key that is taken, packets: a day of 20 ms packets. Re-keying a running call is
// nothing the gateway asks a phone to do.
const minLifetime = 1 << 22

// cryptoLine is a line that was read, or what is wrong with it.
type cryptoLine struct {
	Crypto
	subject string
	fault   string
}

// cryptos reads the crypto lines of the media line.
func (m *MediaDescription) cryptos() []cryptoLine {
	var out []cryptoLine
	for _, a := range m.Attributes {
		if strings.EqualFold(a.Key, "crypto") {
			out = append(out, parseCrypto(a.Value))
		}
	}
	return out
}

// parseCrypto reads "tag suite inline:key|lifetime|mki:length session-parameters".
// A line whose session parameters are not known must not be taken (RFC 4568 section 6.3.7).
func parseCrypto(v string) cryptoLine {
	f := strings.Fields(v)
	if len(f) < 3 {
		return cryptoLine{subject: "a=crypto", fault: "cannot be read"}
	}
	l := cryptoLine{subject: "a=crypto:" + f[0] + " " + f[1]}
	tag, err := strconv.ParseUint(f[0], 10, 31)
	if err != nil {
		return l.bad("its tag is not a number")
	}
	l.Tag = uint32(tag)
	if l.Suite = suiteOf(f[1]); l.Suite == NoSuite {
		return l.bad("suite not known here")
	}
	for _, p := range f[3:] {
		if fault := sessionParameter(p); fault != "" {
			return l.bad(fault)
		}
	}
	return l.key(f[2])
}

func (l cryptoLine) key(v string) cryptoLine {
	if strings.Contains(v, ";") {
		return l.bad("several keys in one line")
	}
	if len(v) < 7 || !strings.EqualFold(v[:7], "inline:") {
		return l.bad("its key is not inline")
	}
	part := strings.Split(v[7:], "|")
	key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(part[0], "="))
	if err != nil || len(key) != l.Suite.KeyLen()+l.Suite.SaltLen() {
		return l.bad("its key has not the length of the suite")
	}
	l.Key = key
	for _, p := range part[1:] {
		if value, length, ok := strings.Cut(p, ":"); ok {
			if l.MKI = parseMKI(value, length); l.MKI == nil {
				return l.bad("its key identifier cannot be read")
			}
		} else if parseLifetime(p) < minLifetime {
			return l.bad("its key lives shorter than a call may last")
		}
	}
	return l
}

func (l cryptoLine) bad(fault string) cryptoLine {
	l.fault, l.Key = fault, nil
	return l
}

// sessionParameter says what is wrong with one. WSH is a hint, FEC order matters only to those who send FEC, and a
// parameter that begins with "-" may be passed over.
func sessionParameter(p string) string {
	name, value, _ := strings.Cut(strings.ToUpper(p), "=")
	switch {
	case name == "WSH", name == "FEC_ORDER", strings.HasPrefix(name, "-"), name == "KDR" && value == "0":
		return ""
	case strings.HasPrefix(name, "UNENCRYPTED_"), strings.HasPrefix(name, "UNAUTHENTICATED_"):
		return "it switches protection off"
	default:
		return "session parameter not known here"
	}
}

func parseLifetime(v string) uint64 {
	if exp, ok := strings.CutPrefix(v, "2^"); ok {
		n, err := strconv.ParseUint(exp, 10, 8)
		if err != nil || n > 48 {
			return 0
		}
		return 1 << n
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// parseMKI gives nil for what cannot be read.
func parseMKI(value, length string) []byte {
	n, err := strconv.ParseUint(value, 10, 64)
	size, err2 := strconv.ParseUint(length, 10, 8)
	if err != nil || err2 != nil || size < 1 || size > 128 {
		return nil
	}
	if size < 8 && n > uint64(math.MaxUint64)>>(64-8*size) {
		return nil
	}
	mki := make([]byte, max(size, 8))
	binary.BigEndian.PutUint64(mki[len(mki)-8:], n)
	return mki[len(mki)-int(size):]
}
