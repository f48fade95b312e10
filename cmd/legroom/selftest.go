package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"legroom/gateway/api"
	"legroom/gateway/selftest"
	"legroom/hwaccel"
	"legroom/hwaccel/software"
	"legroom/media"
)

// selftestCommand shows what a running gateway forwards: to its operator by a room's number, to anybody by a guest's link.
type selftestCommand struct {
	operatorAddress
	Room           string        `arg:"" name:"link" help:"Link that the page of somebody in the room hands to guests: this test joins by it, and a host has to let it in. Or, on the gateway's own machine, the number of the room. Somebody must be in it and speak."`
	E2EE           bool          `name:"e2ee" required:"" help:"Look at the end-to-end encryption: which payloads are sealed, which legs are clear."`
	Seconds        int           `default:"10" help:"How long to look, 1 to 10 seconds; by a link 5 or more."`
	Wait           time.Duration `default:"2m" help:"By a link: how long to wait for a host."`
	Name           string        `default:"Self test" help:"By a link: name that the people in the room see."`
	AnyCertificate bool          `help:"By a link: take whatever certificate the gateway shows, such as its own of the first start. What is shown here does not rest on it."`
}

// Statuses besides 0, when everything is sealed.
const (
	statusExposed  = 1
	statusUnjudged = 2
)

// selftestError is a room that is not sealed, or could not be judged.
type selftestError struct {
	status int
	err    error
}

func (e *selftestError) Error() string { return e.err.Error() }
func (e *selftestError) Unwrap() error { return e.err }

// ExitCode for main.
func (e *selftestError) ExitCode() int { return e.status }

var (
	errExposed  = errors.New("not everything in this room is end-to-end encrypted")
	errUnjudged = errors.New("nothing was forwarded that could be judged")
)

// findings are what was found, in words and in one.
type findings interface {
	io.WriterTo
	Outcome() selftest.Outcome
}

// Run looks, judges and prints a table.
func (c *selftestCommand) Run() error {
	report, err := c.findings()
	if err != nil {
		return &selftestError{statusUnjudged, err}
	}
	if _, err := report.WriteTo(os.Stdout); err != nil {
		return &selftestError{statusUnjudged, fmt.Errorf("print report: %w", err)}
	}
	switch report.Outcome() {
	case selftest.AllSealed:
		return nil
	case selftest.NotSealed:
		return &selftestError{statusExposed, errExposed}
	default:
		return &selftestError{statusUnjudged, errUnjudged}
	}
}

// findings of a visitor, where there is a link, or of the gateway itself.
func (c *selftestCommand) findings() (findings, error) {
	if strings.Contains(c.Room, "/") {
		return c.visit()
	}
	t, err := c.look()
	if err != nil {
		return nil, err
	}
	return selftest.NewReport(t, decoders()), nil
}

// look has the gateway look at the room; that takes as long as it is to look.
func (c *selftestCommand) look() (*api.Tap, error) {
	address, err := c.address()
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(c.Seconds+5)*time.Second)
	defer cancel()
	at := fmt.Sprintf("http://%s/api/v1/rooms/%s/tap?seconds=%d", address, url.PathEscape(c.Room), c.Seconds)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, fmt.Errorf("ask the gateway: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("no gateway answers at %s: %w", address, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return nil, fmt.Errorf("read the gateway's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refusedLook(resp.StatusCode, body)
	}
	t := &api.Tap{}
	if err := json.Unmarshal(body, t); err != nil {
		return nil, fmt.Errorf("read the gateway's answer: %w", err)
	}
	return t, nil
}

// refusedLook is why a gateway does not look, in its own words where it gave some.
func refusedLook(status int, body []byte) error {
	var said struct{ Detail string }
	if json.Unmarshal(body, &said) == nil && said.Detail != "" {
		return fmt.Errorf("the gateway says: %s", said.Detail)
	}
	return fmt.Errorf("the gateway answered %d %s", status, http.StatusText(status))
}

// decoders of plain pictures; nil where none work. What they can do is not measured: they are to fail.
func decoders() selftest.Decoders {
	c := software.DefaultConfig()
	c.Log = slog.New(slog.DiscardHandler)
	c.Measured = &hwaccel.Capabilities{
		Decode: []hwaccel.Capability{{Codec: media.VP8, MaxWidth: selftest.MaxWidth, MaxHeight: selftest.MaxHeight}},
	}
	device, err := software.New(context.Background(), c)
	if err != nil {
		return nil
	}
	return device
}
