package sip

import (
	"context"
	"log/slog"
	"sync"

	gosip "github.com/emiago/sipgo/sip"

	"legroom/internal/ratelog"
)

// quiet is the slog handler sipgo is given. sipgo logs whole messages where parsing fails, keys and numbers in them, so
// nothing but its own constant message text goes through, once a second.
type quiet struct{ log *ratelog.Log }

// Enabled for what tells of trouble.
func (q quiet) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

// Handle passes the message on without any attribute.
func (q quiet) Handle(_ context.Context, r slog.Record) error {
	q.log.Count("sipgo "+r.Message, "sip transport: "+r.Message)
	return nil
}

// WithAttrs drops them.
func (q quiet) WithAttrs([]slog.Attr) slog.Handler { return q }

// WithGroup changes nothing.
func (q quiet) WithGroup(string) slog.Handler { return q }

// settle sets the variables of sipgo that are the same for every Server of a process, once, before any is used.
var settle = sync.OnceFunc(func() {
	// Its UDP transport refuses every message over this size minus 200, answers too. RFC 3261 section 18.1.1 asks that
	// of requests alone, which Server.begin sees to.
	gosip.UDPMTUSize = 65535 + 200
	// Its connections log by this one, reference counts only.
	gosip.SetDefaultLogger(slog.New(slog.DiscardHandler))
})
