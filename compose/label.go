package compose

import (
	"hash/fnv"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/segmenter"
)

// Label is what stands on a tile. It is comparable.
type Label struct {
	// Name of the participant, as others wrote it: it is cut to the width of the tile, at a grapheme.
	Name string
	// Muted and Hand put an icon before the name.
	Muted, Hand bool
	// Mark stands at the top of the tile.
	Mark Mark
	// Speaking draws a border around the tile. Changing it alone draws no text.
	Speaking bool
}

// written is the Label without what needs no drawing.
func (l Label) written() Label {
	l.Speaking = false
	return l
}

// initials of a name: the first letters of its first and last word where the script has capitals, else its first letter.
func initials(name string) string {
	words := strings.Fields(clean(name))
	if len(words) == 0 {
		return ""
	}
	first := letter(words[0])
	r, last := []rune(first), words[len(words)-1]
	if len(words) == 1 || len(r) == 0 || !unicode.In(r[0], unicode.Latin, unicode.Greek, unicode.Cyrillic) {
		return strings.ToUpper(first)
	}
	return strings.ToUpper(first + letter(last))
}

// letter is the first grapheme of a word that begins with a letter or digit; of one without any it is the first of all.
func letter(word string) string {
	var seg segmenter.Segmenter
	seg.Init([]rune(strings.TrimLeftFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })))
	if it := seg.GraphemeIterator(); it.Next() {
		return string(it.Grapheme().Text)
	}
	return ""
}

// badgeOf is the colour that stands for a name.
func badgeOf(name string) rgb {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name[:min(len(name), maxBytes)]))
	return badges[h.Sum32()%uint32(len(badges))]
}
