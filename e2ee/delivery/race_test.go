package delivery_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"legroom/e2ee/delivery"
)

// TestRace: of commits that come at once exactly one wins, and everybody is told the same story while others come, go
// and ask.
func TestRace(t *testing.T) {
	for range 20 {
		r := newRig(t)
		r.three()
		r.now = r.now.Add(time.Minute)
		r.posts = nil
		commits := map[delivery.Member]string{anna: "grant", bob: "refresh", carol: "carolRefresh"}
		results := make(chan error, len(commits))
		var all sync.WaitGroup
		for who, name := range commits {
			all.Go(func() { results <- r.commit(who, name) })
			all.Go(func() {
				r.Leaf(who)
				_, _, _ = r.Missed(who, 0)
				r.Epoch()
				r.Connect(who)
			})
		}
		all.Go(func() {
			r.Connect(dave)
			_, _ = r.Wait(dave, r.bytes(t, "keyPackage.dave"))
			r.Disconnect(dave)
		})
		all.Wait()
		close(results)
		won := 0
		for err := range results {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, delivery.ErrLost):
				t.Errorf("a loser is told %v", err)
			}
		}
		if won != 1 || r.epoch() != 2 {
			t.Errorf("%d winners, epoch %d", won, r.epoch())
		}
		first := told[delivery.Applied](r, anna)
		for _, who := range []delivery.Member{bob, carol} {
			if a := told[delivery.Applied](r, who); len(a) != 1 || len(first) != 1 || a[0].Record.Leaf != first[0].Record.Leaf {
				t.Errorf("%s was told another winner than Anna", who)
			}
		}
	}
}
