package tmmbr

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// maxAskers are the limits an Owner keeps; of more, the loosest goes.
const maxAskers = 16

// Owner keeps what receivers ask of one media sender, and the bounding set of it: the limits that rule at some packet rate.
// A receiver has one limit, the last it asked for. Not for concurrent use.
// Source: RFC 5104 sections 3.5.4 and 4.2.1.2.
type Owner struct {
	ssrc  uint32
	asked []asked
	set   []Bound
}

type asked struct {
	bound Bound // SSRC is the asker
	at    time.Time
}

// NewOwner for the sender with that SSRC.
func NewOwner(ssrc uint32) *Owner { return &Owner{ssrc: ssrc} }

// Apply takes a request. The answer is the notification to send; nil when no bound of the request is for our sender.
func (o *Owner) Apply(r *Request, now time.Time) *Notification {
	ours := false
	for _, b := range r.Bounds {
		if b.SSRC != o.ssrc {
			continue
		}
		ours = true
		o.forget(r.Sender)
		o.asked = append(o.asked, asked{Bound{SSRC: r.Sender, Rate: b.Rate, Overhead: b.Overhead}, now})
	}
	if !ours {
		return nil
	}
	if len(o.asked) > maxAskers {
		o.asked = slices.Delete(o.asked, o.loosest(), o.loosest()+1)
	}
	o.bounding()
	return o.Notification()
}

// Forget drops the limit of a receiver that left, and tells whether the set changed: then a notification is due.
func (o *Owner) Forget(ssrc uint32) bool {
	o.forget(ssrc)
	before := o.set
	o.bounding()
	return !slices.Equal(before, o.set)
}

// Expire drops the limits asked for before a time, of receivers that were not heard since, and tells whether the set
// changed.
func (o *Owner) Expire(before time.Time) bool {
	o.asked = slices.DeleteFunc(o.asked, func(a asked) bool { return a.at.Before(before) })
	old := o.set
	o.bounding()
	return !slices.Equal(old, o.set)
}

// Notification is the bounding set as it stands.
func (o *Owner) Notification() *Notification {
	return &Notification{Sender: o.ssrc, Bounds: slices.Clone(o.set)}
}

// Limit is what may be sent at a packet rate, bit/s of RTP payload and what else is not counted as overhead; ok is false
// when nobody set a limit.
// Units: packets in 1/s.
func (o *Owner) Limit(packets float64) (rate uint64, ok bool) {
	least := math.Inf(1)
	for _, b := range o.set {
		least = min(least, b.net(packets))
	}
	if len(o.set) == 0 {
		return 0, false
	}
	return uint64(max(least, 0)), true
}

// net is what a bound leaves at a packet rate.
func (b Bound) net(packets float64) float64 {
	return float64(b.Rate) - 8*float64(b.Overhead)*packets
}

func (o *Owner) forget(ssrc uint32) {
	o.asked = slices.DeleteFunc(o.asked, func(a asked) bool { return a.bound.SSRC == ssrc })
}

func (o *Owner) loosest() int {
	at := 0
	for i, a := range o.asked {
		if a.bound.Rate > o.asked[at].bound.Rate {
			at = i
		}
	}
	return at
}

// bounding walks along the lowest of the lines "rate - packets x overhead", from no packets on: first the lowest rate,
// then always the one that crosses next, until nothing is left to send.
// Source: RFC 5104 section 3.5.4.2.
func (o *Owner) bounding() {
	o.set = nil
	if len(o.asked) == 0 {
		return
	}
	list := make([]Bound, 0, len(o.asked))
	for _, a := range o.asked {
		list = append(list, a.bound)
	}
	// Equal limits are one: that of the asker with the lowest SSRC, so that the set does not depend on who came first.
	slices.SortFunc(list, func(a, b Bound) int {
		return cmp.Or(cmp.Compare(a.Rate, b.Rate), cmp.Compare(b.Overhead, a.Overhead), cmp.Compare(a.SSRC, b.SSRC))
	})
	now := list[0]
	o.set = []Bound{now}
	for {
		next, at := Bound{}, math.Inf(1)
		if now.Overhead > 0 || now.Rate == 0 {
			at = float64(now.Rate) / float64(8*max(int(now.Overhead), 1)) // there nothing is left
		}
		found := false
		for _, b := range list {
			if b.Overhead <= now.Overhead {
				continue
			}
			x := (float64(b.Rate) - float64(now.Rate)) / float64(8*(int(b.Overhead)-int(now.Overhead)))
			if x < at || found && x == at && b.Overhead > next.Overhead {
				next, at, found = b, x, true
			}
		}
		if !found {
			return
		}
		o.set = append(o.set, next)
		now = next
	}
}
