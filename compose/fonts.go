package compose

import (
	"bytes"
	_ "embed" // the fonts
	"fmt"
	"sync"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
)

// The files are told apart in font/README.md.
var (
	//go:embed font/NotoSans-Regular.ttf
	latinRegular []byte
	//go:embed font/NotoSans-Bold.ttf
	latinBold []byte
	//go:embed font/NotoSansArabic-Regular.ttf
	arabicRegular []byte
	//go:embed font/NotoSansHebrew-Regular.ttf
	hebrewRegular []byte
	//go:embed font/DroidSansFallback.ttf
	asianRegular []byte
)

// weight of the letters.
type weight uint8

const (
	regular weight = iota
	bold
	weights = iota
)

// scripts that a font of their own is asked for first; the rest goes by the order of the fonts.
const (
	latin = iota
	arabic
	hebrew
	asian
	families
)

// parsed are the fonts, read once for the whole program: they do not change and any goroutine may use them.
var parsed = sync.OnceValue(func() [weights][families]*font.Font {
	read := func(file []byte) *font.Font {
		face, err := font.ParseTTF(bytes.NewReader(file))
		if err != nil {
			panic(fmt.Sprintf("compose: built-in font: %v", err))
		}
		return face.Font
	}
	a, h, c := read(arabicRegular), read(hebrewRegular), read(asianRegular)
	return [weights][families]*font.Font{{read(latinRegular), a, h, c}, {read(latinBold), a, h, c}}
})

// faces of one weight, for one typesetter. It is a shaping.FontmapScript.
type faces struct {
	all   [families]*font.Face
	first int // family that the script in hand asks first
}

// newFaces makes those of all weights; they share what has one weight only.
func newFaces() (all [weights]*faces) {
	made := make(map[*font.Font]*font.Face)
	for w, fonts := range parsed() {
		all[w] = &faces{}
		for i, each := range fonts {
			if made[each] == nil {
				made[each] = font.NewFace(each)
			}
			all[w].all[i] = made[each]
		}
	}
	return all
}

// SetScript says of which script the next runes are.
func (f *faces) SetScript(s language.Script) {
	switch s {
	case language.Arabic:
		f.first = arabic
	case language.Hebrew:
		f.first = hebrew
	case language.Han, language.Hiragana, language.Katakana, language.Hangul, language.Bopomofo:
		f.first = asian
	default:
		f.first = latin
	}
}

// ResolveFace is the first font that has the rune.
func (f *faces) ResolveFace(r rune) *font.Face {
	if _, has := f.all[f.first].NominalGlyph(r); has {
		return f.all[f.first]
	}
	for _, each := range f.all {
		if _, has := each.NominalGlyph(r); has {
			return each
		}
	}
	return f.all[f.first]
}

// covers tells whether some font has the rune.
func covers(r rune) bool {
	for _, each := range parsed()[regular] {
		if _, has := each.NominalGlyph(r); has {
			return true
		}
	}
	return false
}
