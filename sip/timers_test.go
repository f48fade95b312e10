package sip

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAgreeOnSessionTimer(t *testing.T) {
	const minSE = 90 * time.Second
	for _, tc := range []struct {
		name         string
		expires, min string
		supported    bool
		want         time.Duration
		interval     time.Duration
		refresh      bool
		tooSmall     bool
		header       string
	}{
		{"none asked, none wanted", "", "", true, 0, 0, false, false, ""},
		{"none asked, we want one", "", "", true, 30 * time.Minute, 30 * time.Minute, false, false, "1800;refresher=uac"},
		{"none asked, peer knows none", "", "", false, 30 * time.Minute, 30 * time.Minute, true, false, "1800;refresher=uas"},
		{"none asked but a minimum", "", "3600", true, 30 * time.Minute, time.Hour, false, false, "3600;refresher=uac"},
		{"asked", "600", "", true, 30 * time.Minute, 10 * time.Minute, false, false, "600;refresher=uac"},
		{"asked for us to refresh", "600;refresher=uas", "", true, 0, 10 * time.Minute, true, false, "600;refresher=uas"},
		{"asked by a proxy", "600", "", false, 0, 10 * time.Minute, true, false, "600;refresher=uas"},
		{"too small", "60", "", true, 0, 0, false, true, ""},
		{"too small by a proxy", "60", "", false, 0, minSE, true, false, "90;refresher=uas"},
		{"malformed counts as none", "soon", "", true, 0, 0, false, false, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := parseSession(tc.expires, tc.min, tc.supported).agree(tc.want, minSE)
			var small *intervalTooSmall
			if errors.As(err, &small) != tc.tooSmall || tc.tooSmall && small.Min != minSE {
				t.Fatalf("err %v", err)
			}
			if got != (sessionTerms{tc.interval, tc.refresh}) {
				t.Errorf("terms %+v", got)
			}
			if tc.header != "" && got.header() != tc.header {
				t.Errorf("header %q", got.header())
			}
		})
	}
}

func TestSettledTerms(t *testing.T) {
	for _, tc := range []struct {
		expires string
		want    sessionTerms
	}{
		{"", sessionTerms{}},
		{"1800;refresher=uac", sessionTerms{30 * time.Minute, true}},
		{"1800;refresher=uas", sessionTerms{30 * time.Minute, false}},
		{"1800", sessionTerms{30 * time.Minute, true}},
	} {
		if got := parseSession(tc.expires, "", true).settled(); got != tc.want {
			t.Errorf("%q: %+v", tc.expires, got)
		}
	}
}

func TestSessionTimerRefreshesAndExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var refreshed, expired []time.Duration
		s := &sessionTimer{
			refresh: func() { refreshed = append(refreshed, time.Since(began)) },
			expire:  func() { expired = append(expired, time.Since(began)) },
		}
		s.start(sessionTerms{interval: 90 * time.Second, refresh: true})
		time.Sleep(80 * time.Second)
		synctest.Wait()
		if !slices.Equal(refreshed, []time.Duration{45 * time.Second}) || !slices.Equal(expired, []time.Duration{60 * time.Second}) {
			t.Errorf("refreshed %v, expired %v", refreshed, expired)
		}
		s.start(sessionTerms{interval: 30 * time.Minute})
		time.Sleep(30*time.Minute - 33*time.Second)
		s.start(sessionTerms{interval: 30 * time.Minute})
		time.Sleep(30*time.Minute - 33*time.Second)
		s.stop()
		time.Sleep(time.Hour)
		s.start(sessionTerms{interval: 90 * time.Second, refresh: true})
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(refreshed) != 1 || len(expired) != 1 {
			t.Errorf("refreshed %v, expired %v: a refresh in time and stop must prevent both", refreshed, expired)
		}
	})
}

func TestAnswerIsRepeated(t *testing.T) {
	const t1 = 500 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var mu sync.Mutex
		var sent []time.Duration
		var expired time.Duration
		a := &answered{
			over: make(chan struct{}), interval: t1, most: 8 * t1, until: time.Now().Add(64 * t1),
			send: func() error {
				mu.Lock()
				defer mu.Unlock()
				sent = append(sent, time.Since(began).Round(time.Millisecond))
				return nil
			},
			expired: func() { expired = time.Since(began) },
		}
		if err := a.begin(); err != nil {
			t.Fatal(err)
		}
		<-a.over
		synctest.Wait()
		// RFC 3261 section 13.3.1.4: T1, doubled up to T2, until 64*T1.
		want := []time.Duration{0, t1, 3 * t1, 7 * t1, 15 * t1, 23 * t1, 31 * t1, 39 * t1, 47 * t1, 55 * t1, 63 * t1}
		if !slices.Equal(sent, want) {
			t.Errorf("sent at %v, want %v", sent, want)
		}
		if expired < 64*t1 {
			t.Errorf("given up after %v", expired)
		}
	})
}

func TestAckEndsRepetition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		a := &answered{
			over: make(chan struct{}), interval: time.Second, most: time.Second, until: time.Now().Add(time.Minute),
			send: func() error { n++; return nil }, expired: func() { t.Error("expired") },
		}
		_ = a.begin()
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		if !a.claim() || a.claim() {
			t.Error("the ACK must be claimed once")
		}
		a.done()
		time.Sleep(time.Hour)
		synctest.Wait()
		if n != 2 || a.pending() {
			t.Errorf("sent %d times, pending %v", n, a.pending())
		}
	})
}

func TestTurnsAreInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tr turns
		tr.begin(1)
		for _, seq := range []uint32{2, 3, 4} {
			tr.announce(seq)
		}
		var order []uint32
		done := make(chan struct{})
		for _, seq := range []uint32{4, 3, 2} {
			go func() {
				if !tr.enter(seq) {
					t.Errorf("%d was refused", seq)
				}
				order = append(order, seq)
				tr.leave()
				done <- struct{}{}
			}()
			synctest.Wait()
		}
		for range 3 {
			<-done
		}
		if !slices.Equal(order, []uint32{2, 3, 4}) {
			t.Errorf("order %v", order)
		}
		if tr.enter(4) || tr.enter(1) {
			t.Error("a number that had its turn was let in")
		}
		// 6 was announced and got lost: 7 waits, but not for ever.
		tr.announce(6)
		tr.announce(7)
		began := time.Now()
		if !tr.enter(7) || time.Since(began) != gapWait {
			t.Errorf("7 waited %v", time.Since(began))
		}
		tr.leave()
		if tr.enter(6) {
			t.Error("6 came after 7 and was let in")
		}
	})
}

func TestTurnsAreBounded(t *testing.T) {
	var tr turns
	for seq := range uint32(100000) {
		tr.announce(seq)
	}
	if len(tr.coming) > maxTurns {
		t.Errorf("%d remembered", len(tr.coming))
	}
}
