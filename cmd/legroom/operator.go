package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// operatorAddress says where a running gateway's operator's listener is.
type operatorAddress struct {
	Operate string `placeholder:"HOST:PORT" help:"Operator's listener of the gateway. Default: that of the configuration."`
	Config  string `short:"c" type:"path" help:"Configuration file of the gateway."`
}

func (o operatorAddress) address() (string, error) {
	if o.Operate != "" {
		return o.Operate, nil
	}
	cfg, err := load(o.Config)
	if err != nil {
		return "", err
	}
	if cfg.Operate.Listen == "" {
		return "", errors.New("the configuration has no operate.listen, so a running gateway cannot be asked")
	}
	return strings.Replace(cfg.Operate.Listen, "0.0.0.0:", "127.0.0.1:", 1), nil
}

// get asks the gateway for a page.
func (o operatorAddress) get(path string) (status int, body []byte, err error) {
	address, err := o.address()
	if err != nil {
		return 0, nil, err
	}
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("ask the gateway: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("no gateway answers at %s: %w", address, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	return resp.StatusCode, body, err
}

func (o operatorAddress) getJSON(path string, into any) error {
	status, body, err := o.get(path)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("the gateway answered %d %s", status, http.StatusText(status))
	}
	return json.Unmarshal(body, into)
}

// healthCommand is quiet about good health.
type healthCommand struct {
	operatorAddress
}

// Run asks /readyz; a gateway that drains is healthy no more, and is to get no new calls.
func (c *healthCommand) Run() error {
	status, body, err := c.get("/readyz")
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("not ready: %s", strings.TrimSpace(string(body)))
	}
	return nil
}
