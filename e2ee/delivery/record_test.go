package delivery_test

import (
	"bytes"
	"errors"
	"testing"

	"legroom/e2ee/delivery"
	"legroom/e2ee/e2eetest"
)

func TestMissed(t *testing.T) {
	r := newRig(t)
	r.wait(bob, "bob")
	r.wait(carol, "carol")
	s := delivery.Submission{Commit: r.bytes(t, "commit.add"), Welcome: r.bytes(t, "welcome.add"), GroupInfo: r.bytes(t, "groupInfo.1")}
	if err := r.Submit(anna, s); err != nil {
		t.Fatal(err)
	}
	r.Disconnect(carol)
	r.must(anna, "grant")
	r.must(bob, "revoke")
	if a := told[delivery.Applied](r, carol); len(a) != 0 {
		t.Error("somebody who is away was posted to")
	}
	r.Connect(carol)
	records, info, err := r.Missed(carol, 2)
	if err != nil || len(records) != 2 || !bytes.Equal(records[1].Commit, r.bytes(t, "commit.revoke")) || records[1].Epoch != 2 {
		t.Fatalf("Carol gets %d records, %v", len(records), err)
	}
	if info != nil {
		t.Error("the group info of an older epoch was handed out as the newest")
	}
	if _, _, err := r.Missed(dave, 0); !errors.Is(err, delivery.ErrLeaf) {
		t.Errorf("a stranger: %v", err)
	}
	if _, _, err := r.Missed(carol, 99); !errors.Is(err, delivery.ErrEpoch) {
		t.Errorf("from the future: %v", err)
	}
}

func TestMemoryLog(t *testing.T) {
	l := delivery.NewMemoryLog(1000)
	for seq := uint64(1); seq <= 10; seq++ {
		if err := l.Append(delivery.Record{Seq: seq, Commit: make([]byte, 200)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Since(5); !errors.Is(err, delivery.ErrGap) {
		t.Errorf("since 5: %v", err)
	}
	if got, err := l.Since(8); err != nil || len(got) != 2 || got[0].Seq != 9 {
		t.Errorf("since 8: %d records, %v", len(got), err)
	}
	if got, err := l.Since(10); err != nil || len(got) != 0 {
		t.Errorf("since 10: %d records, %v", len(got), err)
	}
}

var errDisk = errors.New("disk is full")

type fullLog struct{ *delivery.MemoryLog }

func (fullLog) Append(delivery.Record) error { return errDisk }

func TestLogRefuses(t *testing.T) {
	r := newRig(t)
	m, err := delivery.New(delivery.Config{
		Room: "1000", Owner: e2eetest.Public(e2eetest.Seeded(0x10)), Outlet: r, Log: fullLog{r.log},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.policies = nil
	if err := m.Found(anna, r.bytes(t, "keyPackage.anna"), r.bytes(t, "groupInfo.0")); !errors.Is(err, errDisk) {
		t.Errorf("got %v", err)
	}
	if _, _, ok := m.Epoch(); ok || len(r.policies) > 0 {
		t.Error("it happened all the same")
	}
}
