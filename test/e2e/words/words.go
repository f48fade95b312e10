//go:build e2e

// Package words holds what a page says against the texts that it has for its users.
package words

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Catalogue is what the page can say, by the names of its texts.
type Catalogue map[string]string

// English reads the texts from the web client's folder.
func English(t *testing.T, web string) Catalogue {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(web, "src", "ui", "words", "en*.ts"))
	if err != nil {
		t.Fatal(err)
	}
	entry := regexp.MustCompile(`(?m)^  '([^']+)': '((?:[^'\\]|\\.)*)',$`)
	c := make(Catalogue)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range entry.FindAllStringSubmatch(string(text), -1) {
			c[found[1]] = strings.ReplaceAll(found[2], `\'`, `'`)
		}
	}
	if len(c) < 300 {
		t.Fatalf("%d texts found below %s: their form is another one now", len(c), web)
	}
	return c
}

// Says tells whether said holds the text of that name, whatever stands for its {names}. A name of no text fails the test.
func (c Catalogue) Says(t *testing.T, said, name string) bool {
	t.Helper()
	text, known := c[name]
	if !known {
		t.Fatalf("the page has no text %q", name)
	}
	var form strings.Builder
	for i, part := range regexp.MustCompile(`\{\w+\}`).Split(text, -1) {
		if i > 0 {
			form.WriteString(".+")
		}
		form.WriteString(regexp.QuoteMeta(part))
	}
	return regexp.MustCompile(form.String()).MatchString(said)
}
