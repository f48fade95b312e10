package main

import (
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"legroom/gateway/api"
)

// callsCommand lists calls.
type callsCommand struct {
	operatorAddress
	Refused bool `help:"Those that were turned away, with the rule and the fix."`
}

// Run asks the gateway and prints a table.
func (c *callsCommand) Run() error {
	if c.Refused {
		return c.refused()
	}
	var answer struct{ Calls []api.Call }
	if err := c.getJSON("/api/v1/calls", &answer); err != nil {
		return err
	}
	if len(answer.Calls) == 0 {
		fmt.Println("No calls.")
		return nil
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "SINCE\tFROM\tSOURCE\tROOM\tMODE\tGRANTED\tROLE\tPHASE\tCODEC\tSECURITY\tPICTURES\tIN\tOUT\tLOST\tJITTER")
	for _, call := range answer.Calls {
		fmt.Fprintf(w, "%s\t%s\t%s/%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%.1f ms\n", time.Since(call.Started).Round(time.Second),
			call.From, call.Source, call.Transport, call.Room, call.Mode, granted(call), call.Role, call.Phase, call.Codec, call.Security,
			call.Pictures, call.Received, call.Sent, call.Lost, call.JitterMS)
	}
	return w.Flush()
}

// granted says whether a call was let into an encrypted room; in an open one there is nothing to grant.
func granted(call api.Call) string {
	switch {
	case call.Granted:
		return "yes"
	case call.Mode == "" || api.Mode(call.Mode) == api.ModeOpen:
		return ""
	default:
		return "no"
	}
}

func (c *callsCommand) refused() error {
	var answer struct{ Refused []api.RefusedCall }
	if err := c.getJSON("/api/v1/calls/refused", &answer); err != nil {
		return err
	}
	if len(answer.Refused) == 0 {
		fmt.Println("No call was refused.")
		return nil
	}
	for _, r := range answer.Refused {
		fmt.Printf("%s  %s -> %s  from %s/%s  %d\n    why  %s\n    fix  %s\n", r.Time.Local().Format(time.DateTime),
			r.From, r.To, r.Source, r.Transport, r.Status, r.Rule, r.Fix)
	}
	return nil
}
