package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFileIsUpToDate fails when a message changed and the client's file was not written again.
func TestFileIsUpToDate(t *testing.T) {
	want, err := Generate("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "..", "..", "web", "src", "protocol", "messages.ts"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Fatal("web/src/protocol/messages.ts is out of date: run go generate ./gateway/api")
	}
}

func TestRefusesATypeWithoutFormInTypeScript(t *testing.T) {
	dir := t.TempDir()
	src := "package api\ntype A struct { X map[string]int `json:\"x\"` }\nfunc (*A) messageType() string { return \"a\" }\n" +
		"type B struct {}\nfunc (*B) messageType() string { return \"b\" }\nfunc (*B) fromServer() {}\n"
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(dir); err == nil {
		t.Fatal("a map must be refused")
	}
}
