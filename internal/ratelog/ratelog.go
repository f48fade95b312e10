// Package ratelog tells of trouble that comes with every packet without writing a line for every packet.
package ratelog

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"legroom/internal/logkey"
)

// maxKeys bounds what one Log remembers, whatever the other side sends.
const maxKeys = 64

// Log writes the first line of a key at once and then at most one an interval, with the number of times it happened.
// No goroutine runs: a count that is pending when trouble stops is written by the next Count of that key or by Flush.
type Log struct {
	log      *slog.Logger
	interval time.Duration
	mu       sync.Mutex
	keys     map[string]*entry
}

type entry struct {
	next  time.Time
	count int
	msg   string
	args  []any
}

// New makes a Log that writes a key at most once an interval; a second is the house rule.
func New(log *slog.Logger, interval time.Duration) *Log {
	return &Log{log: log, interval: interval, keys: make(map[string]*entry)}
}

// Count says that the thing named by key happened once more. args are slog pairs for the line.
func (l *Log) Count(key, msg string, args ...any) {
	now := time.Now()
	l.mu.Lock()
	e := l.keys[key]
	if e == nil {
		if len(l.keys) >= maxKeys {
			l.mu.Unlock()
			return
		}
		e = &entry{}
		l.keys[key] = e
	}
	e.count++
	e.msg, e.args = msg, args
	if now.Before(e.next) {
		l.mu.Unlock()
		return
	}
	e.next = now.Add(l.interval)
	n := e.count
	e.count = 0
	l.mu.Unlock()
	l.write(msg, n, args)
}

// Flush writes what was counted and not yet told.
func (l *Log) Flush() {
	l.mu.Lock()
	pending := make([]entry, 0, len(l.keys))
	for _, e := range l.keys {
		if e.count > 0 {
			pending = append(pending, *e)
			e.count = 0
		}
	}
	l.mu.Unlock()
	for _, e := range pending {
		l.write(e.msg, e.count, e.args)
	}
}

func (l *Log) write(msg string, n int, args []any) {
	l.log.With(args...).LogAttrs(context.Background(), slog.LevelWarn, msg, slog.Int(logkey.Count, n))
}
