package sdp

// Suite is an SDES crypto suite (RFC 4568, 6188, 7714).
type Suite uint8

// Suites known. The zero value is none.
const (
	NoSuite Suite = iota
	AESCM128HMACSHA180
	AESCM128HMACSHA132
	AES256CMHMACSHA180
	AES256CMHMACSHA132
	AEADAES128GCM
	AEADAES256GCM
)

// DefaultSuites is the order in which offers by us name them. In an answer the first of the offer's that is listed wins.
func DefaultSuites() []Suite {
	return []Suite{AESCM128HMACSHA180, AEADAES256GCM, AEADAES128GCM, AES256CMHMACSHA180, AES256CMHMACSHA132, AESCM128HMACSHA132}
}

// String is the registered name.
func (s Suite) String() string {
	switch s {
	case AESCM128HMACSHA180:
		return "AES_CM_128_HMAC_SHA1_80"
	case AESCM128HMACSHA132:
		return "AES_CM_128_HMAC_SHA1_32"
	case AES256CMHMACSHA180:
		return "AES_256_CM_HMAC_SHA1_80"
	case AES256CMHMACSHA132:
		return "AES_256_CM_HMAC_SHA1_32"
	case AEADAES128GCM:
		return "AEAD_AES_128_GCM"
	case AEADAES256GCM:
		return "AEAD_AES_256_GCM"
	default:
		return "none"
	}
}

// KeyLen and SaltLen of the master key, bytes.
func (s Suite) KeyLen() int {
	switch s {
	case AESCM128HMACSHA180, AESCM128HMACSHA132, AEADAES128GCM:
		return 16
	case AES256CMHMACSHA180, AES256CMHMACSHA132, AEADAES256GCM:
		return 32
	default:
		return 0
	}
}

// SaltLen of the master salt, bytes.
func (s Suite) SaltLen() int {
	switch s {
	case NoSuite:
		return 0
	case AEADAES128GCM, AEADAES256GCM:
		return 12
	default:
		return 14
	}
}

func suiteOf(name string) Suite {
	for s := AESCM128HMACSHA180; s <= AEADAES256GCM; s++ {
		if s.String() == name {
			return s
		}
	}
	return NoSuite
}
