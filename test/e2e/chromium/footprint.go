//go:build e2e

package chromium

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Footprint is what the renderers of all browsers hold together, bytes of memory that is theirs alone (RssAnon), and
// how many renderers there are.
func (d *Driver) Footprint() (bytes, renderers int) {
	parents := map[int]int{}
	held := map[int]int{}
	for _, file := range must(filepath.Glob("/proc/[0-9]*/status")) {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue
		}
		parents[pid], held[pid] = status(file)
	}
	for pid, n := range held {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err == nil && strings.Contains(string(line), "--type=renderer") && descends(parents, pid, d.Pid()) {
			bytes += n
			renderers++
		}
	}
	return bytes, renderers
}

// status reads the parent of a process and the memory that is its own, bytes.
func status(file string) (parent, bytes int) {
	f, err := os.Open(file)
	if err != nil {
		return 0, 0 // it ended meanwhile
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ":")
		switch n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB")); key {
		case "PPid":
			parent = n
		case "RssAnon":
			bytes = n << 10
		}
	}
	return parent, bytes
}

func descends(parents map[int]int, pid, from int) bool {
	for ; pid > 1; pid = parents[pid] {
		if pid == from {
			return true
		}
	}
	return false
}

// must gives what a pattern that is right found.
func must(files []string, err error) []string {
	if err != nil {
		panic(err)
	}
	return files
}
