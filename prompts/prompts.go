// Package prompts is what the gateway says and plays: texts, the speech made from them, the lobby's music and the tones.
// Texts are YAML files and the generated audio lies beside them in the program; a folder replaces any of it, or adds a
// language, without a rebuild. Package generate makes the audio.
package prompts

import (
	"errors"
	"regexp"

	"legroom/internal/fault"
)

// Prompts that are no speech; they belong to no language.
const (
	// EntryTone is heard when a leg enters a room.
	EntryTone = "entry-tone"
	// Beep is short: a key was understood.
	Beep = "beep"
	// Music is heard in the lobby, again and again.
	Music = "music"
)

// Number is a prompt that is a number and no more: Clip speaks its argument in the language it is asked for.
const Number = "number"

var (
	// ErrFile says that a file of the folder cannot be used.
	ErrFile = errors.New("prompts: bad file")
	// ErrLanguage says that a language has neither texts nor audio.
	ErrLanguage = errors.New("prompts: no such language")
)

// Config is where prompts come from.
type Config struct {
	// Dir replaces prompts: DIR/LANGUAGE/ID.wav (PCM, 16 bit, one channel, 8000, 16000 or 48000 Hz) or ID.g722 (64 kbit/s,
	// no header), DIR/LANGUAGE/texts.yaml, and DIR/music.wav, entry-tone.wav and beep.wav. Default empty: none.
	Dir string `yaml:"dir"`
	// Languages that callers can choose, the first at the start of a call, as names like "en" or "pt-BR". Default en, de.
	Languages []string `yaml:"languages"`
}

// DefaultConfig gives the defaults.
func DefaultConfig() Config { return Config{Languages: []string{"en", "de"}} }

var languageName = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$`)

// Validate checks the names; whether the languages are there is for Load to find.
func (c Config) Validate() error {
	var errs []error
	if len(c.Languages) == 0 {
		errs = append(errs, fault.At("languages", "is empty, must name at least one language"))
	}
	seen := make(map[string]bool)
	for i, l := range c.Languages {
		switch {
		case !languageName.MatchString(l):
			errs = append(errs, fault.At("languages", "entry %d is %q, must be like en or pt-BR", i+1, l))
		case seen[l]:
			errs = append(errs, fault.At("languages", "names %s twice", l))
		}
		seen[l] = true
	}
	return errors.Join(errs...)
}
