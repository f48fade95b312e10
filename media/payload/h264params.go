package payload

import (
	"fmt"
	"strconv"
	"strings"
)

// H264Params are the format parameters that tell streams of H.264 apart.
type H264Params struct {
	// Profile and level that a receiver takes, or that a stream is of.
	Profile ProfileLevel
	// Mode is the packetization-mode, 0 to 2.
	Mode int
}

// ParseH264Params reads the Fmtp of a media.Codec; what is absent has its default, the rest is not looked at.
// Errors: ErrFormat. Source: RFC 6184 section 8.1.
func ParseH264Params(fmtp string) (H264Params, error) {
	p := H264Params{Profile: DefaultProfileLevel()}
	for word := range strings.SplitSeq(fmtp, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(word), "=")
		value = strings.TrimSpace(value)
		var err error
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "profile-level-id":
			if p.Profile, err = ParseProfileLevel(value); err != nil {
				return H264Params{}, err
			}
		case "packetization-mode":
			if p.Mode, err = strconv.Atoi(value); err != nil || p.Mode < 0 || p.Mode > 2 {
				return H264Params{}, fmt.Errorf("payload: packetization-mode %.16q: %w", value, ErrFormat)
			}
		}
	}
	return p, nil
}
