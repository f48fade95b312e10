package peer

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLogs hands the WebRTC library's lines to slog. What it calls errors and warnings is mostly what any browser on a
// bad network does, so all of it is told at Debug; what matters to an operator the Leg says itself.
type pionLogs struct{ log *slog.Logger }

// NewLogger makes a logger for one part of the library.
func (p pionLogs) NewLogger(scope string) logging.LeveledLogger {
	return &pionLog{p.log.With(slog.String("scope", "pion/"+scope))}
}

type pionLog struct{ log *slog.Logger }

func (p *pionLog) debug(msg string) { p.log.Debug(msg) }

func (p *pionLog) debugf(format string, args []any) {
	if p.log.Enabled(context.Background(), slog.LevelDebug) {
		p.log.Debug(fmt.Sprintf(format, args...))
	}
}

// Trace lines are left out: they come with every packet.
func (p *pionLog) Trace(string) {}

// Tracef lines are left out like those of Trace.
func (p *pionLog) Tracef(string, ...any) {}

// Debug writes a line at Debug.
func (p *pionLog) Debug(msg string) { p.debug(msg) }

// Debugf writes a line at Debug.
func (p *pionLog) Debugf(format string, args ...any) { p.debugf(format, args) }

// Info writes a line at Debug.
func (p *pionLog) Info(msg string) { p.debug(msg) }

// Infof writes a line at Debug.
func (p *pionLog) Infof(format string, args ...any) { p.debugf(format, args) }

// Warn writes a line at Debug.
func (p *pionLog) Warn(msg string) { p.debug(msg) }

// Warnf writes a line at Debug.
func (p *pionLog) Warnf(format string, args ...any) { p.debugf(format, args) }

// Error writes a line at Debug.
func (p *pionLog) Error(msg string) { p.debug(msg) }

// Errorf writes a line at Debug.
func (p *pionLog) Errorf(format string, args ...any) { p.debugf(format, args) }
