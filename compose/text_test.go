package compose

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"golang.org/x/image/math/fixed"
)

func typeset(t testing.TB) *typesetter {
	t.Helper()
	ts := typesetters.Get().(*typesetter)
	t.Cleanup(func() { typesetters.Put(ts) })
	return ts
}

func TestEveryScriptHasItsLetters(t *testing.T) {
	names := map[string]string{
		"Latin": "Ångström Çelebi Nguyễn Łódź Ğ", "Greek": "Παπαδόπουλος Ἀθηνᾶ", "Cyrillic": "Щербакова Їжак Ђорђе",
		"Arabic": "محمد عبد الرحمن", "Persian": "علی\u200cرضا پژمان", "Hebrew": "שָׁלוֹם כהן", "Chinese": "王小明 陳大文",
		"Japanese": "山田太郎 ひらがな カタカナ", "Korean": "김민준 이사회", "mixed": "אבג abc 123 مرحبا 你好",
	}
	ts := typeset(t)
	for script, name := range names {
		for _, w := range []weight{regular, bold} {
			lines := ts.set(name, style{24, w}, 2000, 1)
			if len(lines) != 1 || lines[0].width < 24 {
				t.Errorf("%s: %v", script, lines)
				continue
			}
			for _, run := range lines[0].runs {
				for _, g := range run.Glyphs {
					if g.GlyphID == 0 {
						t.Errorf("%s: no glyph for %q", script, string([]rune(name)[g.TextIndex()]))
					}
				}
			}
		}
	}
}

func TestArabicIsShapedAndRunsRightToLeft(t *testing.T) {
	ts := typeset(t)
	// Alone, at the beginning and in the middle of a word the same letter has other glyphs.
	glyphs := func(text string) (all []font.GID) {
		for _, run := range ts.set(text, style{24, regular}, 2000, 1)[0].runs {
			for _, g := range run.Glyphs {
				all = append(all, g.GlyphID)
			}
		}
		return all
	}
	alone, joined := glyphs("ب"), glyphs("ببب")
	if len(joined) < 3 || joined[0] == joined[2] || joined[2] == alone[0] {
		t.Errorf("alone %v, joined %v", alone, joined)
	}
	l := ts.set("سلام abc", style{24, regular}, 2000, 1)[0]
	if l.runs[0].Direction != di.DirectionLTR || l.runs[len(l.runs)-1].Direction != di.DirectionRTL {
		t.Error("the Latin word does not stand at the left of an Arabic text")
	}
	l = ts.set("abc سلام def", style{24, regular}, 2000, 1)[0]
	if l.runs[0].Runes.Offset != 0 || l.runs[len(l.runs)-1].Runes.Offset < 8 {
		t.Error("the words of a Latin text do not stand from left to right")
	}
}

func TestALongNameEndsInAnEllipsisBehindAWholeLetter(t *testing.T) {
	ts := typeset(t)
	s := style{20, regular}
	// A letter and two marks: where the name is cut, all three are there or none.
	name := strings.Repeat("q\u0323\u0307", 50)
	for width := 30; width < 300; width += 7 {
		l := ts.set(name, s, width, 1)[0]
		last := l.runs[len(l.runs)-1]
		if e, _ := last.Face.NominalGlyph('…'); last.Glyphs[0].GlyphID != e {
			t.Fatalf("%d: no ellipsis", width)
		}
		seen, advance := 0, fixed.Int26_6(0)
		for _, run := range l.runs {
			advance += run.Advance
			if run.Glyphs[0].GlyphID != last.Glyphs[0].GlyphID {
				seen += run.Runes.Count
			}
		}
		if seen%3 != 0 || advance.Ceil() > width {
			t.Errorf("%d: %d runes shown on %d pixels", width, seen, advance.Ceil())
		}
	}
	if got := len(ts.set(strings.Repeat("word ", 30), s, 200, 3)); got != 3 {
		t.Errorf("%d lines", got)
	}
}

func TestHostileTextIsBounded(t *testing.T) {
	hostile := map[string]string{
		"marks":        "a" + strings.Repeat("\u0301", 100_000),
		"only marks":   strings.Repeat("\u0489", 100_000),
		"controls":     strings.Repeat("\x00\x1b\u0085", 50_000) + "late",
		"overrides":    strings.Repeat("\u202e\u2066\u2069\u200f", 50_000) + "late",
		"spaces":       strings.Repeat("\u2003\n\t", 50_000) + "late",
		"broken":       strings.Repeat("\xff\xed\xa0\x80", 50_000),
		"long":         strings.Repeat("mmmmmmmmmm", 50_000),
		"joiners":      strings.Repeat("\u200d", 100_000),
		"brackets":     strings.Repeat("(", 100_000),
		"unknown":      strings.Repeat("\U0003fffd\U00012345", 50_000),
		"wide":         strings.Repeat("﷽", 10_000),
		"flip":         strings.Repeat("aא", 50_000),
		"pictograms":   strings.Repeat("👩‍👩‍👧‍👦", 10_000),
		"tags":         "a" + strings.Repeat("\U000e0061", 50_000),
		"hangul jamo":  strings.Repeat("\u1100\u1161\u11a8", 30_000),
		"enclosing":    "a" + strings.Repeat("\u20dd", 100_000),
		"many systems": strings.Repeat("aбγا字한", 20_000),
	}
	p := painter{matrix: bt709, height: 720}
	for name, text := range hostile {
		if got := []rune(clean(text)); len(got) > maxRunes+1 {
			t.Errorf("%s: %d runes", name, len(got))
		}
		all := p.overlays(Label{Name: text, Mark: Mark{Kind: Telephone, Text: text}}, Rect{Width: 320, Height: 180})
		for _, o := range all {
			if o.stamp.width > 320 || o.stamp.height > 90 {
				t.Errorf("%s: %dx%d", name, o.stamp.width, o.stamp.height)
			}
		}
		for _, each := range p.card((&Card{Room: text, State: text, Detail: text, Keys: []Key{{text, text}}}).clone(), Rect{0, 0, 1280, 720}) {
			if (Rect{each.x, each.y, each.stamp.width, each.stamp.height}).within(Rect{0, 0, 1280, 720}).Width != each.stamp.width {
				t.Errorf("%s: a card's line of %d", name, each.stamp.width)
			}
		}
	}
}

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"  Ann\n\tLee ", "Ann Lee"},
		{"evil\u202egnp.exe", "evilgnp.exe"},
		{"\u0301a", "a"},
		{"Anna 🎉🎉", "Anna"},
		{"C\u200d\u200c", "C\u200d\u200c"},
		{"a\x00b\x7fc", "abc"},
		{"e\u0301\u0302\u0303\u0304\u0305\u0306", "e\u0301\u0302\u0303\u0304"},
		{"T€am + 1", "T€am + 1"},
		{strings.Repeat("x", 200), strings.Repeat("x", maxRunes) + "…"},
	}
	for _, c := range tests {
		if got := clean(c.in); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"Ann Lee", "سلام abc", "\u202e(\u0301", "字\u200d한\xff"} {
		f.Add(s, 100)
	}
	f.Fuzz(func(t *testing.T, text string, width int) {
		got := clean(text)
		if n := len([]rune(got)); n > maxRunes+1 {
			t.Fatalf("%d runes", n)
		}
		for _, r := range got {
			if unicode.Is(unicode.C, r) && r != zwj && r != zwnj {
				t.Errorf("%U came through", r)
			}
		}
		if again := clean(got); len([]rune(got)) <= maxRunes && again != got {
			t.Errorf("%q became %q", got, again)
		}
		width = width % 4096
		for _, l := range typeset(t).set(text, style{20, regular}, width, 2) {
			if l.width > width {
				t.Errorf("%d pixels on %d", l.width, width)
			}
			sh := newSheet(l.width, l.style.height())
			sh.text(white, l, 0, 0)
		}
		_ = initials(text)
	})
}

func TestInitials(t *testing.T) {
	tests := map[string]string{
		"Ada Lovelace": "AL", "ada": "A", "Jean-Baptiste de la Tour": "JT", "Ελένη Παππά": "ΕΠ", "山田 太郎": "山",
		"محمد علي": "م", "": "", "   ": "", "(Guest) 7": "G7", "E\u0301mile Zola": "E\u0301Z", "🎉": "", "???": "",
	}
	for name, want := range tests {
		if got := initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestMarksAreNeverWithoutWords(t *testing.T) {
	p := painter{matrix: bt709, height: 720}
	for k := range Recording + 2 {
		if k == NoMark {
			continue
		}
		bare := p.mark(typeset(t), Mark{Kind: k, Text: "\u202e\n"}, 20, 600)
		full := p.mark(typeset(t), Mark{Kind: k}, 20, 600)
		if !bytes.Equal(bare.planes[0], full.planes[0]) || full.width < 100 {
			t.Errorf("kind %d: %d pixels", k, bare.width)
		}
	}
}
