package main

import (
	"fmt"

	"legroom/gateway/api"
)

// identityCommand prints the key by which encrypted rooms know a gateway.
type identityCommand struct {
	operatorAddress
}

// Run asks the gateway: only one that runs is sure to have a key.
func (c *identityCommand) Run() error {
	var id api.Identity
	if err := c.getJSON("/api/v1/identity", &id); err != nil {
		return err
	}
	fmt.Printf("Fingerprint  %s\nKey          %s\n", id.Fingerprint, id.Key)
	return nil
}
