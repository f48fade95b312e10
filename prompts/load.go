package prompts

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"

	"legroom/internal/fault"
)

// fallback is the language that has everything.
const fallback = "en"

// longestFile bounds a file of the folder, bytes: four minutes at 48000 Hz.
const longestFile = 24 << 20

//go:embed *.yaml audio
var builtin embed.FS

// Load makes the Set of a configuration: what is built in, under what the folder has.
// Errors: those of Validate; ErrFile with the name of the file and what is wrong, for all files at once; ErrLanguage.
func Load(cfg Config) (*Set, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("prompts: load: %w", err)
	}
	s := &Set{languages: cfg.Languages, texts: make(map[string]*Texts), sounds: make(map[string]map[string]*recording)}
	if err := s.loadBuiltin(); err != nil {
		return nil, err
	}
	if cfg.Dir != "" {
		if err := s.loadDir(os.DirFS(cfg.Dir)); err != nil {
			return nil, fmt.Errorf("prompts: load %s: %w", cfg.Dir, err)
		}
	}
	if music := s.sound("", Music); music != nil {
		music.decode() // the one that a crowd hears at the same time
	}
	var errs []error
	for _, l := range cfg.Languages {
		if len(s.sounds[l]) == 0 {
			errs = append(errs, fault.At("languages", "names %q, of which there is no audio (%v)", l, ErrLanguage))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("prompts: load: %w: %w", ErrLanguage, err)
	}
	return s, nil
}

func (s *Set) loadBuiltin() error {
	files, err := fs.Glob(builtin, "*.yaml")
	if err != nil {
		return fmt.Errorf("prompts: built in texts: %w", err)
	}
	for _, name := range files {
		b, err := fs.ReadFile(builtin, name)
		if err != nil {
			return fmt.Errorf("prompts: built in %s: %w", name, err)
		}
		if s.texts[strings.TrimSuffix(name, ".yaml")], err = ParseTexts(b); err != nil {
			return fmt.Errorf("prompts: built in %s: %w", name, err)
		}
	}
	sub, err := fs.Sub(builtin, "audio")
	if err != nil {
		return fmt.Errorf("prompts: built in audio: %w", err)
	}
	return s.walk(sub, func(string, string) bool { return true })
}

// loadDir lays the files of a folder over what is there.
func (s *Set) loadDir(dir fs.FS) error {
	known := s.names()
	return s.walk(dir, func(lang, name string) bool {
		if lang == "" {
			return s.sound("", name) != nil
		}
		return known[name]
	})
}

// names are all file names, without ending, that a language may have.
func (s *Set) names() map[string]bool {
	out := make(map[string]bool)
	for _, t := range s.texts {
		for name := range t.Spoken() {
			out[name] = true
		}
		for id := range t.Texts {
			out[id] = true
		}
	}
	return out
}

// walk reads all files of one folder and the folders of languages in it.
func (s *Set) walk(dir fs.FS, known func(lang, name string) bool) error {
	var errs []error
	err := fs.WalkDir(dir, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !entry.IsDir() {
			if err := s.take(dir, file, known); err != nil {
				errs = append(errs, fmt.Errorf("%w: %s: %w", ErrFile, file, err))
			}
		}
		return nil
	})
	return errors.Join(append(errs, err)...)
}

// take reads one file, whose path is LANGUAGE/NAME.ENDING or NAME.ENDING.
func (s *Set) take(dir fs.FS, file string, known func(lang, name string) bool) error {
	lang, base := path.Split(file)
	lang = strings.TrimSuffix(lang, "/")
	ending := path.Ext(base)
	name := strings.TrimSuffix(base, ending)
	if ending != ".wav" && ending != ".g722" && base != "texts.yaml" {
		return nil // notes, licences, sums
	}
	if strings.Contains(lang, "/") || lang != "" && !languageName.MatchString(lang) {
		return fmt.Errorf("lies in %q, which is no language", lang)
	}
	b, err := readBounded(dir, file)
	if err != nil {
		return err
	}
	if base == "texts.yaml" {
		return s.takeTexts(lang, b)
	}
	if !known(lang, name) {
		return fmt.Errorf("there is no prompt %q", name)
	}
	r := &recording{data: b, rate: 16000}
	if ending == ".wav" {
		if r, err = parseWAV(b); err != nil {
			return err
		}
	}
	if s.sounds[lang] == nil {
		s.sounds[lang] = make(map[string]*recording)
	}
	s.sounds[lang][name] = r
	return nil
}

// takeTexts lays texts over those that the language has.
func (s *Set) takeTexts(lang string, b []byte) error {
	t, err := ParseTexts(b)
	if err != nil {
		return err
	}
	if old := s.texts[lang]; old != nil {
		merged := *old
		merged.Texts = maps.Clone(old.Texts)
		maps.Copy(merged.Texts, t.Texts)
		t = &merged
	}
	s.texts[lang] = t
	return nil
}

func readBounded(dir fs.FS, file string) ([]byte, error) {
	info, err := fs.Stat(dir, file)
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 || info.Size() > longestFile {
		return nil, fmt.Errorf("has %d bytes, must be 1 to %d", info.Size(), longestFile)
	}
	return fs.ReadFile(dir, file)
}
