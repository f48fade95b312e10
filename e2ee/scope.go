package e2ee

import (
	"errors"
	"strings"

	"legroom/e2ee/sframe"
)

// kinds in the order in which a Scope is written.
var kinds = [...]sframe.Kind{sframe.Audio, sframe.Video, sframe.Screen, sframe.ScreenAudio}

var errKind = errors.New("e2ee: unknown kind")

// Scope is a set of kinds of media, each of which has a key of its own in every epoch.
type Scope uint8

// ScopeOf makes a Scope; what is no kind is left out.
func ScopeOf(list ...sframe.Kind) Scope {
	var s Scope
	for _, k := range list {
		if k >= sframe.Audio && k <= sframe.ScreenAudio {
			s |= 1 << k
		}
	}
	return s
}

// Has tells whether the kind is in the scope.
func (s Scope) Has(k sframe.Kind) bool { return ScopeOf(k)&s != 0 }

// Within tells whether all kinds of s are in o.
func (s Scope) Within(o Scope) bool { return s&^o == 0 }

// Kinds in the scope, in the order of their numbers.
func (s Scope) Kinds() []sframe.Kind {
	list := make([]sframe.Kind, 0, len(kinds))
	for _, k := range kinds {
		if s.Has(k) {
			list = append(list, k)
		}
	}
	return list
}

// String lists the kinds for people: "audio, screen".
func (s Scope) String() string { return strings.Join(s.names(), ", ") }

func (s Scope) names() []string {
	names := make([]string, 0, len(kinds))
	for _, k := range s.Kinds() {
		names = append(names, k.String())
	}
	return names
}

// MarshalCBOR writes a list of names.
func (s Scope) MarshalCBOR() ([]byte, error) { return writing.Marshal(s.names()) }

// UnmarshalCBOR reads a list of names. The order and doubles are found where the whole is encoded again.
func (s *Scope) UnmarshalCBOR(b []byte) error {
	var names []string
	if err := reading.Unmarshal(b, &names); err != nil {
		return err
	}
	*s = 0
	for _, name := range names {
		k, ok := kindOf(name)
		if !ok {
			return errKind
		}
		*s |= ScopeOf(k)
	}
	return nil
}

func kindOf(name string) (sframe.Kind, bool) {
	for _, k := range kinds {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}
