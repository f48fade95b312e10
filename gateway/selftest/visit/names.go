package visit

import (
	"fmt"
	"strings"
	"unicode"

	"legroom/e2ee/sframe"
	"legroom/gateway/api"
)

// senderText is how a stream is told from others: by its sender in the group, or by the id that the gateway gives.
func senderText(s *api.TapSender, participant string) string {
	switch {
	case s != nil && s.Leaf != nil:
		return fmt.Sprintf("leaf %d", *s.Leaf)
	case s != nil && s.Grant != nil && s.Line != nil:
		return fmt.Sprintf("grant %d line %d", *s.Grant, *s.Line)
	default:
		return "id " + participant
	}
}

func kindOf(s api.Source) sframe.Kind {
	switch s {
	case api.SourceMicrophone:
		return sframe.Audio
	case api.SourceCamera:
		return sframe.Video
	case api.SourceScreen:
		return sframe.Screen
	case api.SourceScreenAudio:
		return sframe.ScreenAudio
	default:
		return 0
	}
}

func sourceOf(k sframe.Kind) string {
	switch k {
	case sframe.Video:
		return string(api.SourceCamera)
	case sframe.Screen:
		return string(api.SourceScreen)
	case sframe.ScreenAudio:
		return string(api.SourceScreenAudio)
	default:
		return string(api.SourceMicrophone)
	}
}

// printable is a name that cannot disguise itself on a terminal, at most 40 characters.
func printable(name string) string {
	const most = 40
	safe := []rune(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || strings.ContainsRune(" .'-+*()", r) {
			return r
		}
		return '?'
	}, name))
	return string(safe[:min(len(safe), most)])
}
