package prompts

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"legroom/audio"
	"legroom/internal/fault"
	"legroom/media/mediatest"
)

func load(t testing.TB, cfg Config) *Set {
	t.Helper()
	s, err := Load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var once = sync.OnceValues(func() (*Set, error) { return Load(DefaultConfig()) })

// defaults is the Set of the default configuration, made once.
func defaults(t *testing.T) *Set {
	t.Helper()
	s, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// drain reads a Clip to its end.
func drain(t *testing.T, c *Clip, rate int) []int16 {
	t.Helper()
	var out []int16
	dst := make([]int16, rate/50)
	for range 50 * 60 {
		n := c.Read(dst, rate)
		out = append(out, dst[:n]...)
		if n < len(dst) {
			return out
		}
	}
	t.Fatal("a minute and no end")
	return nil
}

func TestEveryPromptHasTextAndSoundInBothLanguages(t *testing.T) {
	s := defaults(t)
	for _, lang := range s.Languages() {
		for _, id := range s.IDs() {
			if !s.Has(lang, id) {
				t.Errorf("%s: %s cannot be heard", lang, id)
			}
			if text := s.Text(lang, id, 2); text == "" && id != Music && id != EntryTone && id != Beep || strings.Contains(text, "{") {
				t.Errorf("%s: %s has the text %q", lang, id, text)
			}
		}
		for id := range s.texts[lang].Texts {
			if _, ok := s.texts[fallback].Texts[id]; !ok {
				t.Errorf("%s: there is no English %s", lang, id)
			}
		}
	}
}

func TestSoundBelongsToItsText(t *testing.T) {
	s := defaults(t)
	for lang, texts := range s.texts {
		sums, err := fs.ReadFile(builtin, "audio/"+lang+"/sums")
		if err != nil {
			t.Fatal(err)
		}
		if string(sums) != texts.Sums() {
			t.Errorf("%s: texts were changed and not their sound: go run ./prompts/generate", lang)
		}
		for name := range texts.Spoken() {
			if s.sound(lang, name) == nil {
				t.Errorf("%s: %s was not generated", lang, name)
			}
		}
	}
}

// What a listener would notice: a prompt cut short, too quiet or too loud, clipped, or with a click at its ends.
func TestSoundIsSpeechOfTheRightLoudness(t *testing.T) {
	s := defaults(t)
	for lang, texts := range s.texts {
		for name, text := range texts.Spoken() {
			pcm := drain(t, &Clip{parts: []part{{sound: s.sound(lang, name)}}}, 16000)
			seconds := float64(len(pcm)) / 16000
			if perLetter := (seconds - 0.1) / float64(len(text)); perLetter < 0.025 || perLetter > 0.2 {
				t.Errorf("%s/%s: %.1f s for %d letters", lang, name, seconds, len(text))
			}
			loud := math.Inf(-1)
			for c := range slices.Chunk(pcm, 800) {
				loud = max(loud, mediatest.DB(mediatest.RMS(c)))
			}
			if whole := mediatest.DB(mediatest.RMS(pcm)); whole < -25 || whole > -17 || loud > -7 {
				t.Errorf("%s/%s: %.1f dB, loudest 50 ms %.1f dB", lang, name, whole, loud)
			}
			if top := max(slices.Max(pcm), -slices.Min(pcm)); top > 31000 {
				t.Errorf("%s/%s: peak %d", lang, name, top)
			}
			if ends := max(mediatest.RMS(pcm[:80]), mediatest.RMS(pcm[len(pcm)-80:])); ends > 0.01 {
				t.Errorf("%s/%s: begins or ends with a click", lang, name)
			}
		}
	}
}

func TestClipSoundsTheSameAtEveryRate(t *testing.T) {
	s := defaults(t)
	want := 0.0
	for _, rate := range []int{8000, 16000, 48000} {
		pcm := drain(t, s.Clip("en", "enter-pin"), rate)
		seconds := float64(len(pcm)) / float64(rate)
		if want == 0 {
			want = seconds
		}
		if db := mediatest.DB(mediatest.RMS(pcm)); math.Abs(seconds-want) > 0.02 || seconds < 1.5 || db < -24 || db > -18 {
			t.Errorf("%d Hz: %.2f s at %.1f dB", rate, seconds, db)
		}
	}
}

func TestNumbersAreSpoken(t *testing.T) {
	s := defaults(t)
	length := func(id string, args ...int) int { return len(drain(t, s.Clip("en", id, args...), 8000)) }
	sentence := length("people-here")
	for _, n := range []int{0, 7, 42, 99, 100, 1000} {
		number := len(drain(t, &Clip{parts: []part{{sound: s.sound("en", numberID(n))}}}, 8000)) - 40 // that end it
		if got := length("people-here", n); max(got, sentence+number+320)-min(got, sentence+number+320) > 8 {
			t.Errorf("%d: %d samples, want %d", n, got, sentence+number+320)
		}
	}
	if got, want := length("on-telephone", 1), len(drain(t, &Clip{parts: []part{{sound: s.sound("en", "on-telephone.one")}}}, 8000)); got != want {
		t.Errorf("one of them: %d samples, want %d", got, want)
	}
	for _, lang := range []string{"en", "de"} { // a number and no more, in either language
		for n, name := range map[int]string{0: "number-0", 3: "number-3", 59: "number-59", 100: "number-many", -1: "number-many"} {
			if got := drain(t, s.Clip(lang, Number, n), 8000); !slices.Equal(got, drain(t, s.Clip(lang, name), 8000)) || len(got) < 1000 {
				t.Errorf("%s: %d is spoken in %d samples", lang, n, len(got))
			}
		}
	}
	for lang, want := range map[string]string{"en": "There are 4 people in this meeting.", "de": "Es sind 4 Personen in dieser Konferenz."} {
		if got := s.Text(lang, "people-here", 4); got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
	for n, want := range map[int][2]string{
		0: {"zero", "null"}, 13: {"thirteen", "dreizehn"}, 21: {"twenty one", "einundzwanzig"}, 30: {"thirty", "dreißig"},
		99: {"ninety nine", "neunundneunzig"}, 100: {"more than ninety nine", "mehr als neunundneunzig"},
	} {
		if got := [2]string{s.texts["en"].Number(n), s.texts["de"].Number(n)}; got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
}

func TestSayJoinsWithPauses(t *testing.T) {
	s := defaults(t)
	a, b := len(drain(t, s.Clip("de", "welcome"), 16000)), len(drain(t, s.Clip("de", "enter-room"), 16000))
	both := drain(t, s.Say("de", "welcome", "nothing-like-it", "enter-room"), 16000)
	if want := a + b + pauseBetween*16; len(both) != want {
		t.Errorf("%d samples, want %d", len(both), want)
	}
	if mediatest.RMS(both[a:a+pauseBetween*16]) != 0 {
		t.Error("the pause is not silent")
	}
}

func TestUnknownLanguageSpeaksEnglishAndUnknownPromptIsNothing(t *testing.T) {
	s := defaults(t)
	if !slices.Equal(drain(t, s.Clip("fr", "welcome"), 8000), drain(t, s.Clip("en", "welcome"), 8000)) {
		t.Error("French is not said in English")
	}
	dst := slices.Repeat([]int16{1}, 160)
	if c := s.Clip("en", "no-such-prompt"); c.Read(dst, 8000) != 0 || !c.Ended() || dst[159] != 0 {
		t.Error("an unknown prompt is something")
	}
}

func TestMusicHasNoEndAndNoSeam(t *testing.T) {
	s := defaults(t)
	music := s.Music()
	dst := make([]int16, 8000)
	var all []int16
	for range 90 {
		if n := music.Read(dst, 8000); n != len(dst) {
			t.Fatal("the music has ended")
		}
		all = append(all, dst...)
	}
	if db := mediatest.DB(mediatest.RMS(all)); math.Abs(db+26) > 1 {
		t.Errorf("%.1f dB, want -26", db)
	}
	step := func(i int) float64 { return math.Abs(float64(all[i+1]) - float64(all[i])) }
	usual, round := 0.0, len(s.sound("", Music).pcm)/2
	for i := range round - 1 {
		usual = max(usual, step(i))
	}
	if seam := max(step(round-1), step(round-2), step(round)); seam > usual {
		t.Errorf("a step of %v at the seam, %v elsewhere", seam, usual)
	}
}

func TestReadMakesNoMemory(t *testing.T) {
	s := defaults(t)
	for _, rate := range []int{8000, 16000, 48000} {
		dst := make([]int16, rate/50)
		for name, c := range map[string]*Clip{"music": s.Music(), "words": s.Clip("en", "help-guest")} {
			c.Read(dst, rate)
			if n := testing.AllocsPerRun(100, func() { c.Read(dst, rate) }); n != 0 {
				t.Errorf("%s at %d Hz: %v allocations a frame", name, rate, n)
			}
			if n := c.Read(dst, rate); n != len(dst) {
				t.Errorf("%s at %d Hz ended before it was measured", name, rate)
			}
		}
	}
}

// TestRateChangesInTheMiddle: a caller whose codec changes hears on from where it was.
func TestRateChangesInTheMiddle(t *testing.T) {
	s := defaults(t)
	whole := float64(len(drain(t, s.Clip("en", "enter-pin"), 8000))) / 8000
	for _, rate := range []int{16000, 48000} {
		c := s.Clip("en", "enter-pin")
		for range 25 {
			c.Read(make([]int16, 160), 8000)
		}
		rest := drain(t, c, rate)
		if seconds := .5 + float64(len(rest))/float64(rate); math.Abs(seconds-whole) > .03 {
			t.Errorf("%d Hz from the middle on: %.2f s, want %.2f", rate, seconds, whole)
		}
		if db := mediatest.DB(mediatest.RMS(rest)); db < -24 || db > -16 {
			t.Errorf("%d Hz from the middle on: %.1f dB", rate, db)
		}
	}
}

// wav makes a file with the given head and as many zeros.
func wav(format, channels uint16, rate uint32, bits uint16, data []int16) []byte {
	b := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt "), 16, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, format)
	b = binary.LittleEndian.AppendUint16(b, channels)
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = append(b, 0, 0, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, bits)
	b = append(b, "LIST\x03\x00\x00\x00abc\x00data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(2*len(data)))
	for _, v := range data {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}

func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAFolderReplacesAndAdds(t *testing.T) {
	tone := mediatest.Samples(mediatest.NewTone(48000, 1000, 0.5), 48000)
	dir := folder(t, map[string][]byte{
		"en/welcome.wav":     wav(1, 1, 48000, 16, tone),
		"fr/welcome.wav":     wav(1, 1, 8000, 16, tone[:800]),
		"fr/people-here.wav": wav(1, 1, 8000, 16, tone[:400]),
		"fr/texts.yaml":      []byte("name: Français\ntexts: {welcome: Bienvenue.}\n"),
		"de/texts.yaml":      []byte("texts: {welcome: Moin.}\n"),
		"music.wav":          wav(1, 1, 16000, 16, tone[:1600]),
		"README.txt":         []byte("recorded by Ms Example"),
	})
	s := load(t, Config{Dir: dir, Languages: []string{"fr", "en", "de"}})
	if share := mediatest.ToneShare(drain(t, s.Clip("en", "welcome"), 8000), 8000, 1000); share < 0.99 {
		t.Errorf("the English welcome was not replaced: %.3f", share)
	}
	if n := len(drain(t, s.Clip("fr", "people-here", 5), 8000)); n != 400 {
		t.Errorf("a sentence in one file: %d samples", n)
	}
	for _, c := range [][3]string{
		{"fr", "welcome", "Bienvenue."}, {"fr", "goodbye", "Goodbye."}, {"de", "welcome", "Moin."}, {"de", "goodbye", "Auf Wiederhören."},
	} {
		if got := s.Text(c[0], c[1]); got != c[2] {
			t.Errorf("%s %s is %q, want %q", c[0], c[1], got, c[2])
		}
	}
	if s.Name("fr") != "Français" || s.Name("en") != "English" || s.Name("xx") != "xx" {
		t.Errorf("names %q, %q", s.Name("fr"), s.Name("en"))
	}
	if got := s.Music().Read(make([]int16, 9600), 16000); got != 9600 {
		t.Errorf("own music does not loop: %d", got)
	}
}

func TestBadFilesAreNamed(t *testing.T) {
	some := make([]int16, 100)
	for name, c := range map[string]struct {
		file string
		data []byte
		want string
	}{
		"no WAV":         {"en/welcome.wav", []byte("hello, this is text"), "no WAV"},
		"empty":          {"en/welcome.wav", nil, "0 bytes"},
		"stereo":         {"en/welcome.wav", wav(1, 2, 8000, 16, some), "2 channels"},
		"44100":          {"en/welcome.wav", wav(1, 1, 44100, 16, some), "44100 Hz"},
		"A-law":          {"en/welcome.wav", wav(6, 1, 8000, 16, some), "format 6"},
		"8 bit":          {"en/welcome.wav", wav(1, 1, 8000, 8, some), "8 bits"},
		"no sound":       {"en/welcome.wav", wav(1, 1, 8000, 16, nil), "no sound"},
		"cut":            {"en/welcome.wav", wav(1, 1, 8000, 16, some)[:30], "ends within"},
		"typo":           {"en/wellcome.wav", wav(1, 1, 8000, 16, some), `no prompt "wellcome"`},
		"no language":    {"English!/welcome.wav", wav(1, 1, 8000, 16, some), "no language"},
		"unknown tone":   {"tune.wav", wav(1, 1, 8000, 16, some), `no prompt "tune"`},
		"texts, unknown": {"fr/texts.yaml", []byte("text: {a: b}\n"), "text"},
		"texts, numbers": {"fr/texts.yaml", []byte("numbers: [zéro]\n"), "must be 20"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(Config{Dir: folder(t, map[string][]byte{c.file: c.data}), Languages: []string{"en"}})
			if !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), c.file) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q and %q", err, c.file, c.want)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]struct {
		languages []string
		faults    int
	}{
		"default": {DefaultConfig().Languages, 0}, "none": {nil, 1}, "twice": {[]string{"en", "en"}, 1}, "path": {[]string{"../en", "E"}, 2},
	} {
		if got := fault.All(Config{Languages: c.languages}.Validate()); len(got) != c.faults {
			t.Errorf("%s: %d faults, want %d", name, len(got), c.faults)
		}
	}
	if _, err := Load(Config{Languages: []string{"fr"}}); !errors.Is(err, ErrLanguage) {
		t.Errorf("a language that is not there: %v", err)
	}
	if _, err := Load(Config{Languages: []string{"en"}, Dir: filepath.Join(t.TempDir(), "gone")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func FuzzParseWAV(f *testing.F) {
	f.Add(wav(1, 1, 8000, 16, make([]int16, 10)))
	f.Add(wav(1, 1, 48000, 16, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseWAV(b)
		if err == nil && (len(r.pcm) == 0 || 2*len(r.pcm) > len(b) || (r.rate != audio.Narrow && r.rate != audio.Wide && r.rate != audio.Full)) {
			t.Fatalf("%d samples of %d bytes", len(r.pcm), len(b))
		}
	})
}

func FuzzParseTexts(f *testing.F) {
	f.Add([]byte("name: x\ntexts: {a: b {number} c}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if texts, err := ParseTexts(b); err == nil {
			texts.Spoken()
		}
	})
}

// BenchmarkRead is what 20 ms of words cost one listener; the first 20 ms besides.
func BenchmarkRead(b *testing.B) {
	s := load(b, DefaultConfig())
	for _, rate := range []int{audio.Narrow, audio.Full} {
		dst := make([]int16, rate/50)
		b.Run(fmt.Sprintf("first at %d Hz", rate), func(b *testing.B) {
			for b.Loop() {
				s.Clip("en", "help-guest").Read(dst, rate)
			}
		})
		for name, c := range map[string]*Clip{"words": s.Clip("en", "help-guest"), "music": s.Music()} {
			b.Run(fmt.Sprintf("%s at %d Hz", name, rate), func(b *testing.B) {
				c.loop = true
				for b.Loop() {
					c.Read(dst, rate)
				}
			})
		}
	}
}
