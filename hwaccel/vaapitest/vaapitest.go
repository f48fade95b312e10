// Package vaapitest is a VA-API driver in software, so that tests run all of FFmpeg's way to a graphics card, and Legroom's,
// on a machine that has none. It proves that way and not the driver of a vendor. Only tests import it.
//
// The driver itself is C (folder driver) and is built when it is first asked for, by the compiler that cgo needs anyway.
package vaapitest

// #include "node.h"
import "C"

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Name of the driver, by which it is asked for.
const Name = "legroomtest"

// Node is a file that passes for the render node of its card.
const Node = "/dev/null"

// sources of the driver.
//
//go:embed driver
var sources embed.FS

// Fault is what the driver is told to do wrong.
type Fault byte

// Faults, as driver.h has them.
const (
	// None is a card that works.
	None Fault = iota
	// Fail is a card on which every picture fails.
	Fail
	// Hang is a card that does not answer while this stands.
	Hang
	// Grey is an encoder that makes something else of its pictures.
	Grey
)

// Control tells the driver what to do wrong.
type Control struct {
	t    testing.TB
	file string
}

// Install builds the driver, and has libva find it under Name for the rest of the test. The driver works until Control says
// otherwise, and works again when the test ends.
func Install(t testing.TB) Control {
	t.Helper()
	C.legroom_vaapitest_node() // links it in
	folder := build(t)
	c := Control{t: t, file: filepath.Join(t.TempDir(), "control")}
	if err := os.WriteFile(c.file, []byte{byte(None)}, 0o600); err != nil {
		t.Fatal(err)
	}
	setenv(t, "LIBVA_DRIVERS_PATH", folder)
	setenv(t, "LEGROOM_VAAPITEST_CONTROL", c.file)
	t.Cleanup(func() { c.Set(None) })
	return c
}

// Set has all cards that were opened since Install do something wrong, at once.
func (c Control) Set(f Fault) {
	// In place: the driver looks at the file's memory.
	file, err := os.OpenFile(c.file, os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteAt([]byte{byte(f)}, 0)
		_ = file.Close()
	}
	if err != nil {
		c.t.Error(err)
	}
}

func setenv(t testing.TB, name, value string) {
	t.Helper()
	before, had := os.LookupEnv(name)
	if err := os.Setenv(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if had {
			_ = os.Setenv(name, before)
		} else {
			_ = os.Unsetenv(name)
		}
	})
}

// build compiles the driver into the user's cache, unless it is there, and gives the folder.
func build(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	err = fs.WalkDir(sources, "driver", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := sources.ReadFile(path)
		all = append(append(all, path...), text...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	flags := pkgConfig(t)
	sum := sha256.Sum256(fmt.Append(all, flags))
	folder := filepath.Join(cache, "legroom", "vaapitest-"+hex.EncodeToString(sum[:8]))
	driver := filepath.Join(folder, Name+"_drv_video.so")
	if _, err := os.Stat(driver); err == nil {
		return folder
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	compile(t, flags, driver)
	return folder
}

func pkgConfig(t testing.TB) []string {
	t.Helper()
	out, err := exec.Command("pkg-config", "--cflags", "--libs", "--modversion", "libva", "openh264", "vpx").CombinedOutput()
	if err != nil {
		t.Fatalf("pkg-config: %v\n%s", err, out)
	}
	var flags []string
	for _, word := range strings.Fields(string(out)) {
		if strings.HasPrefix(word, "-") {
			flags = append(flags, word)
		}
	}
	return flags
}

// compile makes the driver under a name of its own first: tests of other packages may be at it too.
func compile(t testing.TB, flags []string, driver string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, sources); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "driver", "*.c"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of the driver: %v", err)
	}
	made, err := os.CreateTemp(filepath.Dir(driver), Name+".*")
	if err != nil {
		t.Fatal(err)
	}
	_ = made.Close()
	args := []string{
		"-std=c11", "-D_GNU_SOURCE", "-O2", "-fPIC", "-fvisibility=hidden", "-shared", "-o", made.Name(),
	}
	args = append(append(args, files...), flags...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		_ = os.Remove(made.Name())
		t.Fatalf("cc: %v\n%s", err, out)
	}
	if err := os.Rename(made.Name(), driver); err != nil {
		t.Fatal(err)
	}
}
