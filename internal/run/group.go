// Package run owns goroutines: a Group starts them by name, ends them together and tells why the first one ended.
package run

import (
	"context"
	"errors"
	"runtime/pprof"
	"sync"
)

// Group is a set of goroutines with one owner. The first one that returns an error ends the others: their context is
// cancelled with that error as its cause.
type Group struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	once   sync.Once
	err    error
}

// NewGroup makes a Group below ctx, and the context its goroutines get.
func NewGroup(ctx context.Context) (*Group, context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	return &Group{ctx: ctx, cancel: cancel}, ctx
}

// Go starts f under a pprof label "run" of the given name.
func (g *Group) Go(name string, f func(context.Context) error) {
	g.wg.Go(func() {
		pprof.Do(g.ctx, pprof.Labels("run", name), func(ctx context.Context) {
			if err := f(ctx); err != nil {
				g.fail(err)
			}
		})
	})
}

// Cancel ends all goroutines of the Group; cause is what they read from context.Cause.
func (g *Group) Cancel(cause error) { g.cancel(cause) }

// Wait returns when every goroutine has ended, with the first error that was not merely the end of the context.
func (g *Group) Wait() error {
	g.wg.Wait()
	g.cancel(context.Canceled)
	return g.err
}

func (g *Group) fail(err error) {
	if errors.Is(err, context.Canceled) && g.ctx.Err() != nil {
		return
	}
	g.once.Do(func() {
		g.err = err
		g.cancel(err)
	})
}
