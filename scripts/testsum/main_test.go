package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSummarise(t *testing.T) {
	cases := []struct {
		name, in                string
		passed, failed, skipped int
		broken                  bool
		shows, hides            string
	}{
		{
			name: "a test that passes says nothing, its package one line",
			in: `{"Action":"output","Package":"p","Test":"TestA","Output":"noise\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}`,
			passed: 1, shows: "ok  \tp\t0.1s", hides: "noise",
		},
		{
			name: "a test that fails shows all it printed",
			in: `{"Action":"output","Package":"p","Test":"TestA","Output":"a_test.go:7: wrong\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}`,
			failed: 1, broken: true, shows: "a_test.go:7: wrong",
		},
		{
			name: "a skipped test says why",
			in: `{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: no card here\n"}
{"Action":"skip","Package":"p","Test":"TestA"}`,
			skipped: 1, shows: "skipped TestA: a_test.go:7: no card here",
		},
		{
			name: "a package that does not build is a failure without a test",
			in: `{"Action":"build-output","ImportPath":"p","Output":"p.go:1: undefined\n"}
{"Action":"build-fail","ImportPath":"p"}`,
			broken: true, shows: "undefined",
		},
		{
			name: "a package that panics outside a test shows it",
			in: `{"Action":"output","Package":"p","Output":"panic: boom\n"}
{"Action":"fail","Package":"p"}`,
			broken: true, shows: "panic: boom",
		},
		{name: "words of the go command are passed on", in: "flag provided but not defined", shows: "flag provided"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			s, err := summarise(strings.NewReader(c.in), &out)
			if err != nil {
				t.Fatal(err)
			}
			if s.passed != c.passed || s.failed != c.failed || s.skipped != c.skipped || s.broken != c.broken {
				t.Errorf("got %d %d %d broken %v", s.passed, s.failed, s.skipped, s.broken)
			}
			if !strings.Contains(out.String(), c.shows) {
				t.Errorf("%q is not in the output:\n%s", c.shows, out.String())
			}
			if c.hides != "" && strings.Contains(out.String(), c.hides) {
				t.Errorf("%q should not be in the output:\n%s", c.hides, out.String())
			}
		})
	}
}

func TestCountsAreAdded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "counts")
	for range 2 {
		if err := (&sum{passed: 3, failed: 2, skipped: 1, reasons: []string{"p TestA: a_test.go:7: wrong"}}).appendTo(path); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != strings.Repeat("3 2 1\n# p TestA: a_test.go:7: wrong\n", 2) {
		t.Fatalf("counts file holds %q", got)
	}
}

func TestAFailureIsToldByItsLastWords(t *testing.T) {
	in := `{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: heard 99 %\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:9: then nothing\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"--- FAIL: TestA (0.1s)\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p","Test":"TestAll"}`
	s, err := summarise(strings.NewReader(in), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"p TestA: a_test.go:9: then nothing", "p TestAll"}; !slices.Equal(s.reasons, want) {
		t.Fatalf("told %q, want %q", s.reasons, want)
	}
}
