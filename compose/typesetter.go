package compose

import (
	"slices"
	"sync"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// style of a text. Units: size is the height of the em square, pixels.
type style struct {
	size   int
	weight weight
}

// line is one line of shaped text, its runs in the order in which they are seen. Units: pixels.
type line struct {
	runs  []shaping.Output
	width int
	style style
}

// ascent and descent of all lines of a style are the same, whatever is written in them, so that words stand level; the
// descent is that of Arabic.
func (s style) ascent() int { return (s.size*11 + 5) / 10 }
func (s style) height() int { return s.ascent() + (s.size*42+50)/100 }

// middle is how far below the top of the line the middle of what is drawn lies.
func (l line) middle() int {
	var above, below fixed.Int26_6 = 0, fixed.I(l.style.size)
	for _, run := range l.runs {
		above, below = max(above, run.GlyphBounds.Ascent), min(below, run.GlyphBounds.Descent)
	}
	return l.style.ascent() - (above+below).Round()/2
}

// typesetter makes lines of text. One goroutine at a time uses it.
type typesetter struct {
	faces   [weights]*faces
	shaper  shaping.HarfbuzzShaper
	split   shaping.Segmenter
	wrapper shaping.LineWrapper
}

// typesetters wait for work: one holds some megabytes of what it found out about the fonts, and there is a Compositor for
// each leg in a menu.
var typesetters = sync.Pool{New: func() any {
	return &typesetter{faces: newFaces()}
}}

// set breaks text into at most so many lines of a width, pixels; the last one ends in an ellipsis where that is too few.
// Lines break between words, and between graphemes where a word is too long (Unicode Standard Annexes 14 and 29); runs are
// ordered by Annex 9. The direction of the whole is that of the first letter that has one.
func (t *typesetter) set(text string, s style, width, most int) []line {
	runes := []rune(clean(text))
	if len(runes) == 0 || width <= 0 || most <= 0 {
		return nil
	}
	in := shaping.Input{
		Text: runes, RunEnd: len(runes), Direction: directionOf(runes),
		Size: fixed.I(s.size), Language: language.DefaultLanguage(),
	}
	config := shaping.WrapConfig{
		Direction: in.Direction, TruncateAfterLines: most, BreakPolicy: shaping.WhenNecessary,
		Truncator: t.ellipsis(in, s.weight),
	}
	wrapped, _ := t.wrapper.WrapParagraph(config, width, runes, shaping.NewSliceIterator(t.shape(in, s.weight)))
	lines := make([]line, 0, len(wrapped))
	for _, each := range wrapped {
		// The wrapper keeps what it gave out.
		runs := slices.Clone(each)
		slices.SortStableFunc(runs, func(a, b shaping.Output) int { return int(a.VisualIndex - b.VisualIndex) })
		l := line{runs: runs, style: s}
		for _, run := range runs {
			l.width += run.Advance.Ceil()
		}
		// Not even one letter may fit.
		l.width = min(l.width, width)
		lines = append(lines, l)
	}
	return lines
}

func (t *typesetter) shape(in shaping.Input, w weight) []shaping.Output {
	var out []shaping.Output
	for _, run := range t.split.Split(in, t.faces[w]) {
		out = append(out, t.shaper.Shape(run))
	}
	return out
}

func (t *typesetter) ellipsis(in shaping.Input, w weight) shaping.Output {
	in.Text, in.RunEnd, in.Script = []rune("…"), 1, language.Latin
	in.Face = t.faces[w].all[latin]
	return t.shaper.Shape(in)
}

// directionOf a text by its first strong letter. Source: Unicode Standard Annex 9, rules P2 and P3.
func directionOf(text []rune) di.Direction {
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko) && unicode.IsLetter(r):
			return di.DirectionRTL
		case unicode.IsLetter(r):
			return di.DirectionLTR
		}
	}
	return di.DirectionLTR
}
