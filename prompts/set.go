package prompts

import (
	"slices"
	"strings"
)

// Set is all prompts in all languages. It never changes once it is loaded, so any goroutine may use it.
type Set struct {
	languages []string
	texts     map[string]*Texts                // by language
	sounds    map[string]map[string]*recording // by language, then by file name without its ending; "" for all
}

// Languages that callers can choose, in their order; the first is that of the start of a call.
func (s *Set) Languages() []string { return slices.Clone(s.languages) }

// Name of a language, in itself; its short name when it has none.
func (s *Set) Name(lang string) string {
	if t := s.texts[lang]; t != nil && t.Name != "" {
		return t.Name
	}
	return lang
}

// IDs lists all prompts of the first language, and the tones.
func (s *Set) IDs() []string {
	var ids []string
	for id := range s.texts[fallback].Texts {
		if !strings.HasSuffix(id, oneSuffix) {
			ids = append(ids, id)
		}
	}
	ids = append(ids, EntryTone, Beep, Music)
	slices.Sort(ids)
	return ids
}

// Has tells whether a prompt can be heard in that very language; tones can in any.
func (s *Set) Has(lang, id string) bool {
	return s.sound("", id) != nil || len(s.parts(lang, id, nil)) > 0
}

// Text of a prompt, with a number put in where it has one. A language that lacks it gives the English one; of a tone
// there is none.
func (s *Set) Text(lang, id string, args ...int) string {
	for _, l := range []string{lang, fallback} {
		if t := s.texts[l]; t != nil {
			if text := t.text(id, args); text != "" {
				return text
			}
		}
	}
	return ""
}

// Clip is a prompt for one listener. A number in it is spoken as args says. What the language lacks is said in English;
// a prompt that nobody knows gives a Clip that has ended.
func (s *Set) Clip(lang, id string, args ...int) *Clip {
	return &Clip{loop: id == Music, parts: s.find(lang, id, args)}
}

func (s *Set) find(lang, id string, args []int) []part {
	if tone := s.sound("", id); tone != nil {
		return []part{{sound: tone}}
	}
	if parts := s.parts(lang, id, args); len(parts) > 0 {
		return parts
	}
	return s.parts(fallback, id, args)
}

// Say is several prompts one after the other, with short pauses.
func (s *Set) Say(lang string, ids ...string) *Clip {
	clips := make([]*Clip, len(ids))
	for i, id := range ids {
		clips[i] = s.Clip(lang, id)
	}
	return Join(clips...)
}

// Music is what is heard in the lobby; it has no end.
func (s *Set) Music() *Clip { return s.Clip("", Music) }

func (s *Set) sound(lang, name string) *recording { return s.sounds[lang][name] }

// parts finds the recordings of a prompt: one, or the two halves of a sentence with a number between.
func (s *Set) parts(lang, id string, args []int) []part {
	if id == Number && len(args) > 0 {
		id = numberID(args[0])
	}
	if len(args) > 0 && args[0] == 1 {
		if one := s.sound(lang, id+oneSuffix); one != nil {
			return []part{{sound: one}}
		}
	}
	if whole := s.sound(lang, id); whole != nil {
		return []part{{sound: whole}}
	}
	before, after := s.sound(lang, id+".1"), s.sound(lang, id+".2")
	if before == nil && after == nil {
		return nil
	}
	var out []part
	if before != nil {
		out = append(out, part{sound: before}, part{pause: pauseWithin})
	}
	if len(args) > 0 {
		if number := s.sound(lang, numberID(args[0])); number != nil {
			out = append(out, part{sound: number}, part{pause: pauseWithin})
		}
	}
	if after != nil {
		out = append(out, part{sound: after})
	}
	return out
}
