package run

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFirstErrorEndsTheOthersAndIsTheCause(t *testing.T) {
	boom := errors.New("boom")
	g, ctx := NewGroup(t.Context())
	var cause error
	g.Go("waits", func(ctx context.Context) error {
		<-ctx.Done()
		cause = context.Cause(ctx)
		return ctx.Err()
	})
	g.Go("fails", func(context.Context) error { return boom })
	if err := g.Wait(); !errors.Is(err, boom) {
		t.Fatalf("Wait = %v, want boom", err)
	}
	if !errors.Is(cause, boom) || !errors.Is(context.Cause(ctx), boom) {
		t.Fatalf("cause = %v and %v, want boom", cause, context.Cause(ctx))
	}
}

func TestCancelIsNotAnError(t *testing.T) {
	stop := errors.New("stop")
	g, _ := NewGroup(t.Context())
	g.Go("waits", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	g.Cancel(stop)
	if err := g.Wait(); err != nil {
		t.Fatalf("Wait = %v, want nil", err)
	}
}
