package configs

import (
	"io"
	"log/slog"
	"strings"

	"legroom/internal/fault"
)

// Log says what is logged and how.
type Log struct {
	// Level is the least that is written: debug, info, warn or error. Default info.
	Level slog.Level `yaml:"level"`
	// Format is text or json. Default text.
	Format string `yaml:"format"`
}

// DefaultLog writes text from info on.
func DefaultLog() Log { return Log{Level: slog.LevelInfo, Format: "text"} }

// Validate lists what is wrong, as faults joined.
func (l Log) Validate() error {
	if l.Format != "text" && l.Format != "json" {
		return fault.At("format", "is %q, must be text or json", l.Format)
	}
	return nil
}

// Logger writes to w as configured.
func (l Log) Logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.Level}
	if strings.EqualFold(l.Format, "json") {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
