// Command legroom runs the gateway and the tools of whoever operates it.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"legroom/gateway"
)

// commands are all there are; each is a file of this folder.
type commands struct {
	Serve    serveCommand    `cmd:"" help:"Run the gateway in the foreground."`
	Check    checkCommand    `cmd:"" help:"Check a configuration file and tell all its faults."`
	Calls    callsCommand    `cmd:"" help:"List running calls, or those that were refused and why."`
	Identity identityCommand `cmd:"" help:"Print the key by which encrypted rooms know a running gateway, and its fingerprint."`
	Call     callCommand     `cmd:"" help:"Place a test call and report what it heard."`
	SDP      sdpCommand      `cmd:"" name:"sdp" help:"Print the answer to an SDP offer, and why each line was taken or refused."`
	Health   healthCommand   `cmd:"" help:"Ask a running gateway whether it takes calls; for container health checks."`
	Probe    probeCommand    `cmd:"" help:"Find out which video codecs work on this machine, and how fast, by using them."`
	Verify   verifyCommand   `cmd:"" help:"Prove the exported log of an encrypted meeting, and say who could hold which keys."`
	Selftest selftestCommand `cmd:"" help:"Look at what a running gateway forwards in a room: what is sealed, and what is clear."`
	Version  versionCommand  `cmd:"" help:"Print version, what is linked, and licences."`
}

func main() {
	var c commands
	parsed := kong.Parse(&c, kong.Name("legroom"), kong.UsageOnError(),
		kong.Description("Seats telephones and browsers in one room."))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "legroom:", gateway.Explain(err))
		os.Exit(status(err))
	}
}

// status of a failure: 1, or what the error says.
func status(err error) int {
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return 1
}
