package web

import (
	"bytes"
	"io/fs"
	"testing"
)

func TestFilesHoldAPage(t *testing.T) {
	page, err := fs.ReadFile(Files(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(page, []byte("<title>Legroom")) {
		t.Errorf("index.html is not a page of ours: %.80q", page)
	}
	for _, forbidden := range []string{"<style", "style=", "onclick=", "http://", "https://"} {
		if bytes.Contains(page, []byte(forbidden)) {
			t.Errorf("index.html holds %q, which the content security policy refuses", forbidden)
		}
	}
}
