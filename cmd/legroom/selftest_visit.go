package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"legroom/gateway/selftest/visit"
)

// fewestSeconds that a visit looks: senders take some to change to the keys that a newcomer has.
const fewestSeconds = 5

var errSeconds = errors.New("by a link the look takes 5 seconds or more")

// visit joins the room by a guest's link, and looks at what the gateway sends there.
func (c *selftestCommand) visit() (findings, error) {
	invitation, err := visit.ParseInvitation(c.Room)
	if err != nil {
		return nil, err
	}
	if c.Seconds < fewestSeconds {
		return nil, errSeconds
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return visit.Run(ctx, visit.Config{
		Invitation: invitation, Name: c.Name, Wait: c.Wait, Look: time.Duration(c.Seconds) * time.Second, AnyCertificate: c.AnyCertificate,
		Tell: func(words string) { fmt.Println(words) },
	}, decoders())
}
