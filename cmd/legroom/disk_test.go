package main

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"legroom/e2ee"
	"legroom/sip/siptest"
)

// onItsOwn marks a test process that may mount file systems: it has a mount namespace of its own.
const onItsOwn = "LEGROOM_TEST_ON_ITS_OWN"

// diskSize of the small disk, bytes, and the piece in which it is given away.
const (
	diskSize = 256 << 10
	piece    = 4 << 10
)

// apart runs a test in a process of its own, as root of namespaces of its own. It gives true in there.
func apart(t *testing.T) bool {
	t.Helper()
	if os.Getenv(onItsOwn) != "" {
		return true
	}
	run := func(attr *syscall.SysProcAttr) ([]byte, error) {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env, cmd.SysProcAttr = append(os.Environ(), onItsOwn+"=1"), attr
		return cmd.CombinedOutput()
	}
	out, err := run(&syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	})
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) { // it was never started; root may do without a user namespace
		out, err = run(&syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS})
	}
	switch {
	case err != nil && !errors.As(err, &exit):
		t.Skipf("no disk can be mounted here: %v", err)
	case err != nil:
		t.Errorf("%v:\n%s", err, out)
	case strings.Contains(string(out), "--- SKIP: "+t.Name()):
		t.Skipf("%s", out)
	default:
		t.Logf("%s", out)
	}
	return false
}

// disk is a real one, and small.
type disk struct {
	t   *testing.T
	dir string
}

func mount(t *testing.T) disk {
	t.Helper()
	d := disk{t, t.TempDir()}
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Skipf("no disk can be mounted here: %v", err)
	}
	if err := syscall.Mount("legroom", d.dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("no disk can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(d.dir, syscall.MNT_DETACH) })
	return d
}

// leave fills the disk but for some pieces.
func (d disk) leave(pieces int) {
	d.t.Helper()
	d.free()
	f, err := os.Create(filepath.Join(d.dir, "filling"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var size int64
	for err == nil {
		var n int
		n, err = f.Write(make([]byte, piece))
		size += int64(n)
	}
	if !errors.Is(err, syscall.ENOSPC) || size > diskSize {
		d.t.Fatalf("after %d bytes: %v", size, err)
	}
	if err := f.Truncate(max(0, size-int64(pieces*piece))); err != nil {
		d.t.Fatal(err)
	}
}

// free takes the filling out.
func (d disk) free() {
	d.t.Helper()
	if err := os.Remove(filepath.Join(d.dir, "filling")); err != nil && !errors.Is(err, os.ErrNotExist) {
		d.t.Fatal(err)
	}
}

// files of a folder by name.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string)
	for _, e := range entries {
		if !e.IsDir() {
			out[e.Name()] = read(t, filepath.Join(dir, e.Name()))
		}
	}
	return out
}

// whole looks for files that are not whole, and for what was left beside them.
func whole(t *testing.T, dir string) {
	t.Helper()
	all := files(t, dir)
	known := []string{"invitations.json", "web.crt", "web.key", "sip-certificate.pem", "sip-key.pem", "gateway.key"}
	for name := range all {
		if !slices.Contains(known, name) {
			t.Errorf("left behind: %s", name)
		}
	}
	if _, ok := all["gateway.key"]; ok {
		if _, err := e2ee.OpenIdentity(filepath.Join(dir, "gateway.key")); err != nil {
			t.Errorf("half of a key: %v", err)
		}
	}
	if text, ok := all["invitations.json"]; ok && !json.Valid([]byte(text)) {
		t.Errorf("half of a file of invitations: %q", text)
	}
	for _, pair := range [][2]string{{"web.crt", "web.key"}, {"sip-certificate.pem", "sip-key.pem"}} {
		cert, hasCert := all[pair[0]]
		key, hasKey := all[pair[1]]
		if !hasCert && !hasKey {
			continue
		}
		if _, err := tls.X509KeyPair([]byte(cert), []byte(key)); err != nil {
			t.Errorf("%v: %v", pair, err)
		}
	}
}

// TestStartOnAFullDisk leaves the disk more and more room. As long as it is too little, a first start says so and leaves
// nothing half done; a later start on a disk without any room, which finds all it needs, takes calls.
func TestStartOnAFullDisk(t *testing.T) {
	if !apart(t) {
		return
	}
	d := mount(t)
	state := filepath.Join(d.dir, "state")
	config := configFile(t, state, nil)
	failed := 0
	for pieces := 0; ; pieces++ {
		if err := os.RemoveAll(state); err != nil {
			t.Fatal(err)
		}
		d.leave(pieces)
		var log strings.Builder
		s, up := serve(t, config, &log)
		whole(t, state)
		if up {
			s.end()
			break
		}
		failed++
		if code := s.cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("with %d pieces: exit code %d", pieces, code)
		}
		says := log.String()
		if !strings.HasPrefix(says, "legroom: The disk of "+state) || !strings.HasSuffix(says, " is full. Make room, or name another folder as stateDir.\n") {
			t.Errorf("with %d pieces it says %q", pieces, says)
		}
		if pieces > 20 {
			t.Fatal("never starts")
		}
	}
	if failed < 3 {
		t.Errorf("%d starts failed: the disk was not full", failed)
	}
	before := files(t, state)
	if len(before) != 6 {
		t.Fatalf("%d files in the state folder", len(before))
	}
	d.leave(0)
	takesCalls(t, config, "state folder cannot be written")
	same(t, before, files(t, state))
	// A certificate that is to be made anew, here for one more name, serves on as it is.
	takesCalls(t, configFile(t, state, func(text string) string {
		return strings.Replace(text, "web:\n", "web:\n  names: [meet.example]\n", 1)
	}), "web certificate cannot be renewed")
	same(t, before, files(t, state))
}

// takesCalls starts a gateway, which must warn once, with what to do, and take a call.
func takesCalls(t *testing.T, config, warning string) {
	t.Helper()
	var log strings.Builder
	s, up := serve(t, config, &log)
	if !up {
		t.Fatalf("does not start: %s", log.String())
	}
	call := siptest.New(t, siptest.Options{Transport: "udp", Server: s.sip}).Invite("1000.604713").Answered()
	call.Media.WaitPackets(10)
	call.Bye()
	s.end()
	if n := strings.Count(log.String(), warning); n != 1 || !strings.Contains(log.String(), "is full. Make room") {
		t.Errorf("%d warnings %q:\n%s", n, warning, log.String())
	}
}

// TestDiskFillsWhileServing: nothing of a call is written but the log. Without room for that, calls come and go as ever,
// and the log goes on when there is room again.
func TestDiskFillsWhileServing(t *testing.T) {
	if !apart(t) {
		return
	}
	d := mount(t)
	state := filepath.Join(d.dir, "state")
	log, err := os.OpenFile(filepath.Join(d.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	s, up := serve(t, configFile(t, state, nil), log)
	if !up {
		t.Fatalf("does not start: %s", read(t, log.Name()))
	}
	before := files(t, state)
	phone := siptest.New(t, siptest.Options{Transport: "udp", Server: s.sip})
	standing := phone.Invite("1000.604713").Answered()
	standing.Media.WaitPackets(10)
	d.leave(0)
	for range 12 { // more than the log's last page takes
		call := phone.Invite("1000.604713").Answered()
		call.Media.WaitPackets(5)
		call.Bye()
	}
	full := read(t, log.Name())
	if info, err := os.Stat(log.Name()); err != nil || info.Size()%piece != 0 {
		t.Errorf("log of %d bytes: the disk was not full (%v)", info.Size(), err)
	}
	standing.Media.WaitPackets(standing.Media.Packets() + 50)
	same(t, before, files(t, state))
	d.free()
	standing.Bye()
	eventually(t, "the log goes on", func() bool { return strings.Contains(read(t, log.Name())[len(full):], `msg="leg closed"`) })
	s.end()
	if strings.Contains(read(t, log.Name()), "goroutine ") {
		t.Errorf("a crash:\n%s", read(t, log.Name()))
	}
}

func same(t *testing.T, before, after map[string]string) {
	t.Helper()
	for name, text := range before {
		if after[name] != text {
			t.Errorf("%s is not as before", name)
		}
	}
	if len(before) != len(after) {
		t.Errorf("%d files, were %d", len(after), len(before))
	}
}
