package main

import (
	"fmt"

	"legroom/configs"
)

// checkCommand validates a configuration.
type checkCommand struct {
	Config string `arg:"" optional:"" type:"path" help:"Configuration file."`
	File   string `name:"config" short:"c" type:"path" help:"The same, as serve has it."`
}

// Run checks.
func (c *checkCommand) Run() error {
	path := c.Config
	if path == "" {
		path = c.File
	}
	if path == "" {
		return fmt.Errorf("which file? legroom check --config FILE")
	}
	cfg, err := configs.Load(path)
	if err != nil {
		return err
	}
	fmt.Printf("%s is good: %d rooms, %d patterns, %d SIP sockets, web on %s.\n",
		path, len(cfg.Rooms), len(cfg.OnDemand), len(cfg.SIP.Listen), cfg.Web.Listen)
	return nil
}
