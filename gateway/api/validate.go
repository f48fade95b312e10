package api

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Bounds of what a client may send.
const (
	maxNameRunes   = 64
	maxRoomDigits  = 32
	maxIDBytes     = 64
	maxKeyBytes    = 128
	maxTracks      = 8
	maxViewItems   = 64
	maxPixels      = 16384
	maxCandidate   = 1024
	maxLanguageTag = 35 // RFC 5646 section 4.4.1
)

func (m *Hello) valid() error {
	return errors.Join(
		within("room", m.Room, 1, maxRoomDigits), within("key", m.Key, 0, maxKeyBytes), validName(m.Name),
		within("language", m.Language, 0, maxLanguageTag), within("resume", m.Resume, 0, maxKeyBytes))
}

func (m *Offer) valid() error {
	if m.SDP == "" {
		return errors.New("sdp is empty")
	}
	if len(m.Tracks) > maxTracks {
		return fmt.Errorf("more than %d tracks", maxTracks)
	}
	for _, t := range m.Tracks {
		if err := errors.Join(within("mid", t.MID, 1, maxIDBytes), validSource(t.Source)); err != nil {
			return err
		}
	}
	return nil
}

func (m *ClientCandidate) valid() error {
	return errors.Join(within("candidate", m.Candidate, 0, maxCandidate), within("mid", m.MID, 0, maxIDBytes))
}

func (m *View) valid() error {
	if len(m.Items) > maxViewItems {
		return fmt.Errorf("more than %d items", maxViewItems)
	}
	for _, i := range m.Items {
		if i.Source != SourceCamera && i.Source != SourceScreen {
			return errors.New("source must be camera or screen")
		}
		if i.Width < 0 || i.Width > maxPixels || i.Height < 0 || i.Height > maxPixels {
			return fmt.Errorf("width and height must be 0 to %d", maxPixels)
		}
		if err := validID(i.Participant); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mute) valid() error      { return nil }
func (m *Hand) valid() error      { return nil }
func (m *Rename) valid() error    { return validName(m.Name) }
func (m *Admit) valid() error     { return validID(m.Participant) }
func (m *Deny) valid() error      { return validID(m.Participant) }
func (m *MuteOther) valid() error { return validID(m.Participant) }
func (m *MuteAll) valid() error   { return nil }
func (m *Lock) valid() error      { return nil }
func (m *Remove) valid() error    { return validID(m.Participant) }
func (m *PassHost) valid() error  { return validID(m.Participant) }
func (m *Leave) valid() error     { return nil }

// valid looks no further than that it is an object: what is in it is not for this package.
func (m *ClientMeeting) valid() error {
	if len(m.Message) == 0 || m.Message[0] != '{' {
		return errors.New("message is not an object")
	}
	return nil
}

func validSource(s Source) error {
	switch s {
	case SourceMicrophone, SourceCamera, SourceScreen, SourceScreenAudio:
		return nil
	default:
		return errors.New("source is none of microphone, camera, screen, screenAudio")
	}
}

func validID(id string) error { return within("participant", id, 1, maxIDBytes) }

func within(field, s string, least, most int) error {
	if len(s) < least || len(s) > most {
		return fmt.Errorf("%s must have %d to %d bytes", field, least, most)
	}
	return nil
}

// validName refuses what could disguise itself in a list of people: control characters, and the format characters that
// turn the direction of writing or take no room.
func validName(s string) error {
	if n := utf8.RuneCountInString(s); n < 1 || n > maxNameRunes {
		return fmt.Errorf("name must have 1 to %d characters", maxNameRunes)
	}
	visible := false
	for _, r := range s {
		if unicode.Is(unicode.C, r) && r != '\u200d' && r != '\u200c' { // joiners are part of names and of emoji
			return errors.New("name holds a control character")
		}
		visible = visible || unicode.IsGraphic(r) && !unicode.IsSpace(r)
	}
	if !visible {
		return errors.New("name is blank")
	}
	return nil
}
