//go:build e2e

// Package chromium drives real headless Chromium in tests, through playwright-core in a Node process.
package chromium

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

//go:embed driver.mjs
var driverSource []byte

// Driver is one Node process with any number of browsers and pages.
type Driver struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	mu    sync.Mutex
	next  int
	waits map[int]chan answer
	done  chan struct{}
}

type answer struct {
	ID    int             `json:"id"`
	Value json.RawMessage `json:"value"`
	Error string          `json:"error"`
}

type args map[string]any

// Start runs a driver until the test ends. web is the folder of the web client, for its node_modules.
func Start(t *testing.T, web string) *Driver {
	t.Helper()
	script := filepath.Join(t.TempDir(), "driver.mjs")
	if err := os.WriteFile(script, driverSource, 0o600); err != nil {
		t.Fatal(err)
	}
	node := os.Getenv("LEGROOM_NODE")
	if node == "" {
		node = "node"
	}
	d := &Driver{t: t, cmd: exec.Command(node, script), waits: make(map[int]chan answer), done: make(chan struct{})}
	d.cmd.Env = append(os.Environ(), "LEGROOM_WEB="+web)
	d.cmd.Stderr = os.Stderr
	in, err := d.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.in = in
	if err := d.cmd.Start(); err != nil {
		t.Fatalf("chromium: start node: %v", err)
	}
	go d.read(out)
	t.Cleanup(func() {
		d.in.Close()
		<-d.done
		_ = d.cmd.Wait()
	})
	return d
}

// Browser is one Chromium process.
type Browser struct {
	d    *Driver
	name string
}

// Launch starts a Chromium whose microphone plays the WAV file capture in a loop; without one it beeps.
func (d *Driver) Launch(capture string) *Browser {
	d.t.Helper()
	return d.LaunchWithCamera(capture, "")
}

// LaunchWithCamera is Launch with a camera that shows a film (Y4M) over and over.
func (d *Driver) LaunchWithCamera(capture, film string) *Browser {
	d.t.Helper()
	executable, err := exec.LookPath("chromium")
	if err != nil {
		d.t.Fatalf("chromium is not installed (scripts/deps.sh test): %v", err)
	}
	b := &Browser{d: d, name: fmt.Sprintf("b%d", d.id())}
	d.call(d.t, b.name, "launch", args{"name": b.name, "executable": executable, "capture": capture, "film": film}, nil)
	return b
}

// View is how a page is looked at.
type View struct {
	Width, Height int
	Dark          bool
	Language      string
	// Permissions granted beforehand; nil grants microphone, camera and clipboard.
	Permissions []string
	// Script runs in every document before its own scripts; "" for none.
	Script string
}

// Desktop and Phone are the two sizes every screen is looked at in.
var (
	Desktop = View{Width: 1280, Height: 800}
	Phone   = View{Width: 390, Height: 844}
)

// Open opens url in a page with storage of its own; what goes wrong in it fails t.
func (b *Browser) Open(t *testing.T, url string, v View) *Page {
	t.Helper()
	p := &Page{d: b.d, t: t, name: fmt.Sprintf("p%d", b.d.id())}
	b.d.call(t, p.name, "open", args{"browser": b.name, "page": p.name, "url": url, "width": v.Width, "height": v.Height,
		"dark": v.Dark, "language": v.Language, "permissions": v.Permissions, "script": v.Script}, nil)
	return p
}

// Pid of the process that all browsers come from.
func (d *Driver) Pid() int { return d.cmd.Process.Pid }

func (d *Driver) id() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next++
	return d.next
}

// call sends a request and waits for its answer; a fault ends the test with the page's console.
func (d *Driver) call(t *testing.T, who, op string, a args, into any) {
	t.Helper()
	if err := d.try(op, a, into); err != nil {
		console := ""
		if op != "console" && op != "launch" {
			var lines []string
			if d.try("console", args{"page": who}, &lines) == nil {
				b, _ := json.MarshalIndent(lines, "", " ")
				console = string(b)
			}
		}
		t.Fatalf("chromium: %s: %s %v: %v\n%s", who, op, a["selector"], err, console)
	}
}

func (d *Driver) try(op string, a args, into any) error {
	ch := make(chan answer, 1)
	d.mu.Lock()
	d.next++
	id := d.next
	d.waits[id] = ch
	d.mu.Unlock()
	a["id"], a["op"] = id, op
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if _, err := d.in.Write(append(b, '\n')); err != nil {
		return err
	}
	select {
	case ans := <-ch:
		if ans.Error != "" {
			return fmt.Errorf("%s", ans.Error)
		}
		if into != nil {
			return json.Unmarshal(ans.Value, into)
		}
		return nil
	case <-d.done:
		return fmt.Errorf("the driver ended")
	case <-time.After(90 * time.Second):
		return fmt.Errorf("no answer within 90 s")
	}
}

func (d *Driver) read(out io.Reader) {
	defer close(d.done)
	s := bufio.NewScanner(out)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		var ans answer
		if json.Unmarshal(s.Bytes(), &ans) != nil {
			continue
		}
		d.mu.Lock()
		ch := d.waits[ans.ID]
		delete(d.waits, ans.ID)
		d.mu.Unlock()
		if ch != nil {
			ch <- ans
		}
	}
}
