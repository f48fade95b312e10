package media

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// box is a Sink that keeps what it is given.
type box struct {
	packets []uint16
	err     error
	closed  int
}

func (b *box) Write(p *Packet) error {
	b.packets = append(b.packets, p.SequenceNumber)
	return b.err
}

func (b *box) Close() error { b.closed++; return nil }

func numbered(n uint16) *Packet {
	return &Packet{Packet: rtp.Packet{Header: rtp.Header{SequenceNumber: n}}}
}

func TestFanHandsOnAndDropsTheClosed(t *testing.T) {
	var f Fan[*Packet]
	good, faulty, gone := &box{}, &box{err: errors.New("full")}, &box{err: ErrClosed}
	f.Add(good)
	f.Add(faulty)
	f.Add(gone)
	for i := range uint16(3) {
		if err := f.Write(numbered(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(good.packets) != 3 || len(faulty.packets) != 3 || len(gone.packets) != 1 {
		t.Errorf("%v %v %v", good.packets, faulty.packets, gone.packets)
	}
	if f.Len() != 2 || f.Errors() != 3 {
		t.Errorf("%d members, %d errors", f.Len(), f.Errors())
	}
}

func TestFanMembersMayLeaveWhileAUnitIsUnderWay(t *testing.T) {
	var f Fan[*Packet]
	var leave func()
	last := &box{}
	leave = f.Add(SinkFunc[*Packet](func(*Packet) error { leave(); return nil }))
	f.Add(last)
	_ = f.Write(numbered(1))
	_ = f.Write(numbered(2))
	if f.Len() != 1 || len(last.packets) != 2 {
		t.Errorf("%d members, the last heard %v", f.Len(), last.packets)
	}
}

func TestFanClosesOnceAndForGood(t *testing.T) {
	var f Fan[*Packet]
	a, late := &box{}, &box{}
	f.Add(a)
	_ = f.Close()
	_ = f.Close()
	f.Add(late)
	if a.closed != 1 || late.closed != 1 || !errors.Is(f.Write(numbered(1)), ErrClosed) {
		t.Errorf("closed %d and %d times", a.closed, late.closed)
	}
}

func TestFanMakesNoMemory(t *testing.T) {
	var f Fan[*Packet]
	for range 8 {
		f.Add(SinkFunc[*Packet](func(*Packet) error { return nil }))
	}
	p := numbered(1)
	if n := testing.AllocsPerRun(100, func() { _ = f.Write(p) }); n != 0 {
		t.Fatalf("%v allocations a unit", n)
	}
}

func TestCodec(t *testing.T) {
	opus := Codec{Name: Opus, ClockRate: 48000, Channels: 2, PacketTime: 20 * time.Millisecond}
	g722 := Codec{Name: G722, ClockRate: 8000, Channels: 1}
	for _, c := range []struct {
		codec Codec
		kind  Kind
		rate  int
		ticks uint32 // in 20 ms
		name  string
	}{
		{opus, Audio, 48000, 960, "opus/48000/2 20ms"},
		{g722, Audio, 16000, 160, "G722/8000"},
		{Codec{Name: PCMU, ClockRate: 8000}, Audio, 8000, 160, "PCMU/8000"},
		{Codec{Name: VP8, ClockRate: 90000}, Video, 0, 1800, "VP8/90000"},
		{Codec{Name: "X"}, KindUnknown, 0, 0, "X/0"},
	} {
		if c.codec.Kind() != c.kind || c.codec.SampleRate() != c.rate || c.codec.Ticks(20*time.Millisecond) != c.ticks || c.codec.String() != c.name {
			t.Errorf("%v: %v, %d Hz, %d ticks", c.codec, c.codec.Kind(), c.codec.SampleRate(), c.codec.Ticks(20*time.Millisecond))
		}
	}
	if !g722.Same(Codec{Name: "g722", ClockRate: 8000, PacketTime: time.Second}) || g722.Same(opus) {
		t.Error("Same compares something else than name and clock")
	}
}

func TestPacketCloneSharesNothing(t *testing.T) {
	p := numbered(1)
	p.Payload = []byte{1, 2}
	c := p.Clone()
	p.Payload[0] = 9
	if c.Payload[0] != 1 || c.SequenceNumber != 1 {
		t.Errorf("clone %v", c)
	}
}

func TestQueueOfSoundDropsTheOldest(t *testing.T) {
	out := &box{}
	q := NewQueue(3, Sink[*Packet](out), (*Packet).Clone)
	for i := range uint16(5) {
		_ = q.Write(numbered(i))
	}
	_ = q.Close()
	if err := q.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out.packets, []uint16{2, 3, 4}) || q.Dropped() != 2 || out.closed != 1 {
		t.Errorf("%v handed on, %d dropped, closed %d times", out.packets, q.Dropped(), out.closed)
	}
	if err := q.Write(numbered(9)); !errors.Is(err, ErrClosed) {
		t.Errorf("closed queue answers %v", err)
	}
}

func TestQueueOfVideoDropsUpToTheNextKeyFrame(t *testing.T) {
	var got []uint32
	q := NewFrameQueue(3, Sink[*Frame](SinkFunc[*Frame](func(f *Frame) error { got = append(got, f.Timestamp); return nil })))
	// 0 is a key frame; 3 does not fit, so 4 is of no use; 5 is a key frame and makes 0 to 2 old.
	for ts := range uint32(7) {
		_ = q.Write(&Frame{Timestamp: ts, Keyframe: ts%5 == 0, Data: []byte{1}})
	}
	_ = q.Close()
	if err := q.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []uint32{5, 6}) || q.Dropped() != 5 {
		t.Errorf("%v handed on, %d dropped", got, q.Dropped())
	}
}

// TestQueueOfVideoMakesNoMemory: what was handed on or dropped holds what comes next, and is not mixed up with it.
func TestQueueOfVideoMakesNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []byte
		q := NewFrameQueue(2, Sink[*Frame](SinkFunc[*Frame](func(f *Frame) error {
			seen = append(seen[:0], f.Data...)
			if f.Keyframe != (f.Data[0] == 0) || f.Gap != (f.Data[0] == 2) {
				t.Errorf("frame %v of data %v", f, f.Data)
			}
			return nil
		})))
		done := make(chan error)
		go func() { done <- q.Run(t.Context()) }()
		f, n := &Frame{}, byte(0)
		write := func() {
			f.Data = append(f.Data[:0], n, n, n)[:1+n%3]
			f.Keyframe, f.Gap = n == 0, n == 2
			_ = q.Write(f)
			n = (n + 1) % 5
			synctest.Wait()
			if !slices.Equal(seen, f.Data) {
				t.Errorf("%v handed on, want %v", seen, f.Data)
			}
		}
		for range 10 {
			write()
		}
		if a := testing.AllocsPerRun(50, write); a != 0 {
			t.Errorf("%v allocations a frame", a)
		}
		_ = q.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestQueueEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &box{err: errors.New("no")}
		q := NewQueue(3, Sink[*Packet](out), (*Packet).Clone)
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() { done <- q.Run(ctx) }()
		_ = q.Write(numbered(1))
		synctest.Wait()
		if q.Len() != 0 || q.Dropped() != 1 {
			t.Errorf("%d wait, %d dropped", q.Len(), q.Dropped())
		}
		cancel(stop)
		if err := <-done; !errors.Is(err, stop) || out.closed != 1 {
			t.Errorf("Run %v, closed %d times", err, out.closed)
		}
	})
}
