package gateway_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"legroom/media/mediatest"
	"legroom/menu"
	"legroom/prompts"
	"legroom/sip/siptest"
)

// hop is the step in which loudness is compared, samples of 8 kHz.
const hop = 80

// alike is how much of what is heard must be a prompt, 0 to 1. G.711 leaves more than 0.99 of it; two prompts, even those
// that share words, have less than a third in common.
const alike = 0.9

// phrase is one prompt as a telephone with G.711 hears it.
type phrase struct {
	name     string
	samples  []int16
	loudness []float64
}

// phrasebook knows every prompt of some languages.
type phrasebook []phrase

func newPhrasebook(t testing.TB, languages ...string) phrasebook {
	t.Helper()
	set, err := prompts.Load(prompts.Config{Languages: languages})
	if err != nil {
		t.Fatal(err)
	}
	var book phrasebook
	for _, language := range languages {
		for _, id := range menu.PromptIDs() {
			if id == menu.EntryTone {
				continue
			}
			name, numbers := string(id), numbersIn(id)
			for _, n := range numbers {
				p := phrase{name: name, samples: sound(set.Clip(language, string(id), n))}
				if n > 0 || id == menu.Number {
					p.name = fmt.Sprint(name, " ", n)
				}
				if language != "en" {
					p.name = language + " " + p.name
				}
				p.loudness = loudness(p.samples)
				book = append(book, p)
			}
		}
	}
	return book
}

// numbersIn are those that tests have spoken in a prompt; 0 where there is none in it.
func numbersIn(id menu.PromptID) []int {
	switch id {
	case menu.TriesLeft:
		return []int{1, 2}
	case menu.PeopleHear, menu.OnTelephone:
		return []int{1}
	case menu.PeopleHere:
		return []int{2}
	case menu.CodeCompared:
		return []int{14}
	case menu.Number:
		return []int{0, 3, 12, 34, 56, 78}
	default:
		return []int{0}
	}
}

// sound is a whole clip at 8 kHz, without the silence at its ends.
func sound(c *prompts.Clip) []int16 {
	var out []int16
	block := make([]int16, 160)
	for !c.Ended() {
		out = append(out, block[:c.Read(block, 8000)]...)
	}
	loud := func(s int16) bool { return s > 100 || s < -100 }
	first := max(0, slices.IndexFunc(out, loud))
	last := len(out)
	for last > first && !loud(out[last-1]) {
		last--
	}
	return out[first:last]
}

// loudness is the root of the energy of stretches of two hops, one hop apart.
func loudness(samples []int16) []float64 {
	out := make([]float64, 0, len(samples)/hop)
	for at := 0; at+2*hop <= len(samples); at += hop {
		var energy float64
		for _, s := range samples[at : at+2*hop] {
			energy += float64(s) * float64(s)
		}
		out = append(out, math.Sqrt(energy))
	}
	return out
}

// only are these of its phrases.
func (b phrasebook) only(names ...string) phrasebook {
	return slices.DeleteFunc(slices.Clone(b), func(p phrase) bool { return !slices.Contains(names, p.name) })
}

// transcript is what a phone heard, prompt after prompt; what was cut short is not in it.
func (b phrasebook) transcript(m *siptest.Media) string {
	heard, rate := m.Heard()
	if rate != 8000 {
		return ""
	}
	names, _ := b.words(heard)
	return strings.Join(names, ", ")
}

// words are the prompts in a sound, in their order, and where the last of them ends.
func (b phrasebook) words(heard []int16) (names []string, end int) {
	type word struct {
		at   int
		name string
	}
	var words []word
	loud := loudness(heard)
	for _, p := range b {
		for from := 0; ; {
			at, ok := p.find(heard, loud, from)
			if !ok {
				break
			}
			words = append(words, word{at, p.name})
			from = at + len(p.samples)
			end = max(end, from)
		}
	}
	slices.SortFunc(words, func(a, b word) int { return a.at - b.at })
	for _, w := range words {
		names = append(names, w.name)
	}
	return names, end
}

// find gives the place of the phrase in a sound, from a place on.
func (p phrase) find(heard []int16, loud []float64, from int) (int, bool) {
	for i := (from + hop - 1) / hop; i+len(p.loudness) <= len(loud); i++ {
		if cosine(loud[i:], p.loudness, 4) < alike {
			continue
		}
		for at := max(0, (i-1)*hop); at <= (i+1)*hop && at+len(p.samples) <= len(heard); at++ {
			if cosine(heard[at:], p.samples, 7) > alike {
				return at, true
			}
		}
	}
	return 0, false
}

// cosine is 1 where b is a multiple of as much of a; it looks at one value of every few.
func cosine[T int16 | float64](a, b []T, every int) float64 {
	var ab, aa, bb float64
	for i := 0; i < len(b); i += every {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// TestPhrasebook: a prompt is found where it is spoken and nowhere else, or no test that listens could fail.
func TestPhrasebook(t *testing.T) {
	t.Parallel()
	book := newPhrasebook(t, "en")
	for _, said := range book {
		heard := slices.Concat(make([]int16, 1234), said.samples, make([]int16, 777))
		loud := loudness(heard)
		for _, p := range book {
			at, found := p.find(heard, loud, 0)
			if found != (p.name == said.name) || found && (at < 1234-hop || at > 1234+hop) {
				t.Errorf("%q is found in %q: %v, at %d", p.name, said.name, found, at)
			}
		}
	}
}

// hears waits until the phone has heard these prompts and no others, in this order. It listens only when nobody speaks:
// that costs more than speaking.
func hears(t *testing.T, b phrasebook, m *siptest.Media, want string) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	before, got := -1, ""
	for {
		heard, _ := m.Heard()
		if len(heard) == before || quiet(heard) {
			if got = b.transcript(m); got == want {
				return
			}
		}
		before = len(heard)
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatalf("heard %q, want %q", got, want)
		}
	}
}

// pause is longer than any between two prompts, samples.
const pause = 8000 * 3 / 10

// quiet tells whether nobody has spoken for longer than between two prompts.
func quiet(heard []int16) bool {
	return len(heard) >= pause && mediatest.RMS(heard[len(heard)-pause:]) < .005
}

// ear is somebody who hears a whole call, part by part.
type ear struct {
	t     *testing.T
	book  phrasebook
	media *siptest.Media
	upTo  int // samples that were understood
	words []string
}

// hears waits until the phone has heard these prompts and no others since the last time, in this order.
func (e *ear) hears(want string) {
	e.t.Helper()
	listened := false
	eventually(e.t, "hear "+want, func() bool {
		heard, _ := e.media.Heard()
		if fresh := heard[e.upTo:]; quiet(fresh) {
			listened = true
			names, end := e.book.words(fresh)
			e.words = append(e.words, names...)
			e.upTo += end
		}
		return listened && strings.Join(e.words, ", ") == want
	})
	e.words = nil
}
