package sdp

import "fmt"

// Policy says whether a kind of SRTP is used.
// As soon as one kind is Required, media must be secured by a required kind; two required kinds are alternatives.
type Policy uint8

// Policies. The zero value is Optional: used when the peer offers it.
const (
	Optional Policy = iota
	Off
	Required
)

// String is the word used in configuration.
func (p Policy) String() string {
	switch p {
	case Off:
		return "off"
	case Required:
		return "required"
	default:
		return "optional"
	}
}

// MarshalText is the word used in configuration.
func (p Policy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the word used in configuration.
func (p *Policy) UnmarshalText(b []byte) error {
	for v := Optional; v <= Required; v++ {
		if v.String() == string(b) {
			*p = v
			return nil
		}
	}
	return fmt.Errorf("sdp: policy %q is none of off, optional, required", b)
}
