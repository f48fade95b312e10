package payload

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// H264Profile is a profile of H.264 as receivers tell them apart.
type H264Profile uint8

// Profiles of H.264, the weakest first.
const (
	H264Unknown H264Profile = iota
	ConstrainedBaseline
	Baseline
	Main
	ConstrainedHigh
	High
)

// String names the profile.
func (p H264Profile) String() string {
	return [...]string{"unknown", "constrained baseline", "baseline", "main", "constrained high", "high"}[min(p, High)]
}

// ProfileLevel is the parsed profile-level-id of H.264. Source: RFC 6184 section 8.1.
type ProfileLevel struct {
	// Profile by profile_idc and profile-iop.
	Profile H264Profile
	// Level times 10: 31 is level 3.1. Level 1b is 9.
	Level uint8
	// IDC and IOP are the bytes as they came.
	IDC, IOP uint8
}

// DefaultProfileLevel is what an absent profile-level-id means: baseline at level 1.
func DefaultProfileLevel() ProfileLevel { return ProfileLevel{Profile: Baseline, Level: 10, IDC: 66} }

// ParseProfileLevel reads six hexadecimal digits; the empty string is the default. Errors: ErrFormat.
func ParseProfileLevel(s string) (ProfileLevel, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return DefaultProfileLevel(), nil
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 3 {
		return ProfileLevel{}, fmt.Errorf("payload: profile-level-id %.16q: %w", s, ErrFormat)
	}
	p := ProfileLevel{IDC: b[0], IOP: b[1], Level: b[2]}
	p.Profile = profileOf(b[0], b[1])
	if p.Profile == H264Unknown {
		return p, fmt.Errorf("payload: profile-level-id %q names no known profile: %w", s, ErrFormat)
	}
	// Level 1b of these profiles is level 11 with constraint_set3.
	if b[2] == 11 && b[1]&0x10 != 0 && (b[0] == 66 || b[0] == 77 || b[0] == 88) {
		p.Level = 9
	}
	return p, nil
}

// String is the profile-level-id.
func (p ProfileLevel) String() string {
	level := p.Level
	if level == 9 && p.IOP&0x10 != 0 {
		level = 11
	}
	return fmt.Sprintf("%02x%02x%02x", p.IDC, p.IOP, level)
}

// Decodes tells whether a receiver of profile and level p can decode a stream of s: a profile whose tools contain those
// of the stream, and at least its level. With asymmetry allowed the level of the other direction does not matter, so
// compare per direction.
func (p ProfileLevel) Decodes(s ProfileLevel) bool {
	return p.Level >= s.Level && p.Profile.contains(s.Profile)
}

// contains follows ITU-T H.264 annex A.2.
func (p H264Profile) contains(s H264Profile) bool {
	switch s {
	case ConstrainedBaseline:
		return p != H264Unknown
	case Baseline:
		return p == Baseline
	case Main:
		return p == Main || p == High
	case ConstrainedHigh:
		return p == ConstrainedHigh || p == High
	case High:
		return p == High
	default:
		return false
	}
}

// profileOf is table 5 of RFC 6184.
func profileOf(idc, iop byte) H264Profile {
	set := func(n int) bool { return iop>>(7-n)&1 != 0 }
	switch {
	case idc == 66 && set(1), idc == 77 && set(0), idc == 88 && set(0) && set(1):
		return ConstrainedBaseline
	case idc == 66, idc == 88 && set(0):
		return Baseline
	case idc == 77, idc == 88 && set(1):
		return Main
	case idc == 100 && set(4) && set(5):
		return ConstrainedHigh
	case idc == 100:
		return High
	default:
		return H264Unknown
	}
}
