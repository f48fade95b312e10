package gateway

import (
	"errors"

	"legroom/audio/mix"
	"legroom/menu"
	"legroom/prompts"
	"legroom/rooms"
)

// errNoEar: there is no place where the caller could be spoken to.
var errNoEar = errors.New("gateway: caller is nowhere")

// sound is what a caller hears beside the room: prompts and music, in a booth before it is in and whispered after.
type sound struct {
	prompts  *prompts.Set
	language string
	booth    *rooms.Booth
	speech   *mix.Whisper
	music    *mix.Whisper
}

// say plays words in place of what plays now. who is the caller's seat, nil while it has none.
func (s *sound) say(who *rooms.Participant, words []menu.Prompt) error {
	s.quiet()
	source := s.clip(words)
	switch {
	case s.booth != nil:
		s.speech = s.booth.Whisper(source)
		return nil
	case who != nil:
		whisper, err := who.Whisper(source)
		s.speech = whisper
		return err
	default:
		return errNoEar
	}
}

// clip is the sound of words in the caller's language.
func (s *sound) clip(words []menu.Prompt) *prompts.Clip {
	clips := make([]*prompts.Clip, len(words))
	for i, w := range words {
		clips[i] = s.prompts.Clip(s.language, string(w.ID), w.Number)
	}
	return prompts.Join(clips...)
}

// said is closed when the prompts have been played; nil, which never is, while none play.
func (s *sound) said() <-chan struct{} {
	if s.speech == nil {
		return nil
	}
	return s.speech.Done()
}

func (s *sound) quiet() {
	if s.speech != nil {
		s.speech.Stop()
		s.speech = nil
	}
}

func (s *sound) playMusic(on bool) {
	if s.music != nil {
		s.music.Stop()
		s.music = nil
	}
	if on && s.booth != nil {
		s.music = s.booth.Whisper(s.prompts.Music())
	}
}

func (s *sound) silence() {
	s.quiet()
	s.playMusic(false)
}

// leaveBooth is the way into the room, which has taken the leg over.
func (s *sound) leaveBooth() {
	s.silence()
	if s.booth != nil {
		s.booth.Close()
		s.booth = nil
	}
}

// reseat opens the booth anew for a leg whose codec has changed.
func (s *sound) reseat() error {
	if s.booth == nil {
		return nil
	}
	return s.booth.Reseat()
}

func (s *sound) close() { s.leaveBooth() }
