package compose

import (
	"strings"
	"unicode"
)

// Bounds of a text that others wrote.
const (
	// maxBytes are looked at; what comes behind them is not there.
	maxBytes = 2048
	// maxRunes are kept.
	maxRunes = 160
	// maxMarks stand on one letter: more than any orthography has.
	maxMarks = 4
)

// Runes that join letters and are kept, unlike all others that have no shape.
const (
	zwnj = '\u200c'
	zwj  = '\u200d'
)

// clean makes text that others wrote safe to draw: one line, without controls, without what turns the direction of what
// stands beside it, without pictograms that no font here has, with few marks a letter, and bounded.
// Source: Unicode Standard Annex 9 section 2 for the directional formatting characters, which are all of category Cf.
func clean(text string) string {
	var b strings.Builder
	runes, marks, space := 0, 0, true
	for i, r := range text {
		switch {
		case runes == maxRunes || i >= maxBytes:
			return strings.TrimSpace(b.String()) + "…"
		case unicode.IsSpace(r):
			if space {
				continue
			}
			r, space, marks = ' ', true, 0
		case unicode.Is(unicode.M, r):
			// A mark without a letter has nothing to stand on.
			if space || marks == maxMarks || !covers(r) {
				continue
			}
			marks++
		case !shown(r):
			continue
		case r == zwj || r == zwnj:
			if space {
				continue
			}
		default:
			space, marks = false, 0
		}
		b.WriteRune(r)
		runes++
	}
	return strings.TrimSpace(b.String())
}

// shown tells whether a rune that is neither space nor mark is drawn. A letter that no font has is, as an empty box: the
// name is not shorter than it is.
func shown(r rune) bool {
	switch {
	case r == zwj || r == zwnj:
		return true
	case unicode.In(r, unicode.C):
		return false
	case unicode.Is(unicode.S, r):
		return covers(r)
	default:
		return true
	}
}
