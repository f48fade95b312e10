package arch

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Written in pieces, or this file would be the first to be found.
var (
	// hosts of package registries: how packages are fetched is a matter of each machine's own settings.
	hosts = []string{
		"registry." + "npmjs", "proxy." + "golang.org", "sum." + "golang.org", "deb." + "debian.org",
		"security." + "debian.org", "pypi." + "org", "registry." + "yarnpkg", "docker" + ".io/",
	}
	// places on somebody's machine.
	places = []string{"/wo" + "rk/", "/ro" + "ot/", "../sha" + "red/"}
)

// TestTrackedFilesNameNoHostAndNoMachine looks at what git has, so that what lies about for a moment does not matter.
func TestTrackedFilesNameNoHostAndNoMachine(t *testing.T) {
	for _, path := range tracked(t) {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			continue // deleted and not committed yet
		}
		if bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 {
			continue // not text
		}
		for _, word := range append(append([]string{}, hosts...), places...) {
			if i := bytes.Index(text, []byte(word)); i >= 0 {
				t.Errorf("%s:%d names %q", path, 1+bytes.Count(text[:i], []byte("\n")), word)
			}
		}
	}
}

// tracked lists the files of git, or all there are where there is no git (an archive that was unpacked).
func tracked(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "-z")
	cmd.Dir = root
	if out, err := cmd.Output(); err == nil && len(out) > 0 {
		return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	}
	var all []string
	walk(t, func(path string) { all = append(all, path) })
	return all
}
