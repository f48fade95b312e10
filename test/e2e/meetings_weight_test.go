//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// weight is what is held at a moment: the gateway's heap and memory, the scripts of eight pages, and all their renderers;
// bytes.
type weight struct {
	at                                    time.Duration
	heap, resident, scripts, renderers, n int
}

const (
	// warm is when growth begins to count, and long what a run must last for it to count at all.
	warm = 5 * time.Minute
	long = 10 * time.Minute
)

// weigh takes a weight each half minute.
func (m *meetings) weigh(length time.Duration) {
	at := time.Since(m.began)
	if n := len(m.weights); n > 0 && at-m.weights[n-1].at < min(30*time.Second, length/6) {
		return
	}
	_, page := m.gateway.Get("/metrics")
	w := weight{at: at, heap: float(m, page, "go_memstats_heap_alloc_bytes"), resident: float(m, page, "process_resident_memory_bytes")}
	there := m.every(func(g *guest) bool { return !g.away })
	for _, g := range there {
		w.scripts += g.Heap() * len(m.guests) / len(there)
	}
	w.renderers, w.n = m.driver.Footprint()
	m.weights = append(m.weights, w)
	m.t.Logf("%s: %v", m.where(), w)
}

func (w weight) String() string {
	return fmt.Sprintf("gateway %.1f MB heap, %.1f MB resident; pages %.1f MB in scripts, %.0f MB in %d renderers",
		mb(w.heap), mb(w.resident), mb(w.scripts), mb(w.renderers), w.n)
}

func mb(bytes int) float64 { return float64(bytes) / 1e6 }

// float is a metric that is written with an exponent where it is large.
func float(m *meetings, page, name string) int {
	m.t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(page)
	if found == nil {
		m.t.Fatalf("no metric %s", name)
	}
	v, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		m.t.Fatal(err)
	}
	return int(v)
}

// grown requires that nothing grew from minute 5 to the end: what is held at the least in the last third is no more than
// in the first, but for a tenth and some megabytes that one person more or less makes. Garbage comes and goes; the least
// is what is held on to.
func (m *meetings) grown(length time.Duration) {
	m.t.Helper()
	counted := slices.DeleteFunc(slices.Clone(m.weights), func(w weight) bool { return length >= long && w.at < warm })
	third := max(1, len(counted)/3)
	for _, part := range []struct {
		name  string
		of    func(weight) int
		spare int
	}{
		{"the gateway's heap", func(w weight) int { return w.heap }, 4e6},
		{"the gateway's memory", func(w weight) int { return w.resident }, 16e6},
		{"the pages' scripts", func(w weight) int { return w.scripts }, 8e6},
		{"the renderers", func(w weight) int { return w.renderers }, 128e6},
	} {
		least := func(some []weight) int {
			return part.of(slices.MinFunc(some, func(a, b weight) int { return part.of(a) - part.of(b) }))
		}
		before, after := least(counted[:third]), least(counted[len(counted)-third:])
		m.t.Logf("%s: %.1f MB, then %.1f MB", part.name, mb(before), mb(after))
		if length >= long && after > before+before/10+part.spare {
			m.t.Errorf("%s grew from %.1f to %.1f MB", part.name, mb(before), mb(after))
		}
	}
	if len(counted) == 0 {
		fmt.Fprintln(os.Stderr, "nothing was weighed")
	}
}
