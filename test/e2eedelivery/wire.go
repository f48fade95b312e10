package main

import (
	"errors"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
)

// message is what a browser sends: web/src/e2ee/meeting/wire.ts says what each is.
type message struct {
	Type       string   `json:"type"`
	ID         int      `json:"id"`
	KeyPackage []byte   `json:"keyPackage"`
	GroupInfo  []byte   `json:"groupInfo"`
	Commit     []byte   `json:"commit"`
	Welcome    []byte   `json:"welcome"`
	Bundles    [][]byte `json:"bundles"`
	Epoch      uint64   `json:"epoch"`
	Sealed     []byte   `json:"sealed"`
	Message    []byte   `json:"message"`
	Seq        uint64   `json:"seq"`
	Request    []byte   `json:"request"`
	Signed     []byte   `json:"signed"`
	Sig        []byte   `json:"sig"`
}

// notice is an answer or notice by its members.
type notice map[string]any

// record as it travels.
func record(r delivery.Record) notice {
	n := notice{"seq": r.Seq, "kind": r.Kind.String(), "epoch": r.Epoch}
	if len(r.Commit) > 0 {
		n["commit"] = r.Commit
	}
	return n
}

func (s *service) message(who delivery.Member, m *message) {
	var err error
	answer := notice{"type": "done", "id": m.ID}
	switch m.Type {
	case "found":
		if err = s.meeting.Found(who, m.KeyPackage, m.GroupInfo); err == nil {
			defer s.founded(who)
		}
	case "wait":
		_, err = s.meeting.Wait(who, m.KeyPackage)
	case "unwait":
		s.meeting.Unwait(who)
		return
	case "submit":
		err = s.meeting.Submit(who, delivery.Submission{Commit: m.Commit, Welcome: m.Welcome, Bundles: m.Bundles})
	case "refuse":
		err = s.meeting.Refuse(who, m.Epoch)
	case "bundle":
		err = s.meeting.Bundle(who, m.Sealed)
	case "relay":
		err = s.meeting.Relay(who, m.Message)
	case "checkpoint":
		err = s.vouched(who, m.Signed, m.Sig)
	case "note":
		err = s.gateway.noted(m.Sealed)
	case "missed":
		var records []delivery.Record
		records, _, err = s.meeting.Missed(who, m.Seq)
		list := make([]notice, len(records))
		for i, r := range records {
			list[i] = record(r)
		}
		answer = notice{"type": "records", "id": m.ID, "records": list}
	case "decline":
		// Whether it comes of a host, a gateway would look.
		s.gateway.declined(m.Request)
		return
	}
	if err != nil {
		answer = failed(m.ID, err)
	}
	s.tell(who, answer)
}

// vouched checks what a member vouches for in the log, and keeps it.
func (s *service) vouched(who delivery.Member, signed, sig []byte) error {
	leaf, ok := s.meeting.Leaf(who)
	if !ok {
		return delivery.ErrLeaf
	}
	c, err := e2ee.DecodeCheckpoint(signed)
	if err != nil {
		return delivery.ErrMalformed
	}
	s.write(output{Vouched: &vouched{Who: who, Leaf: leaf, Epoch: c.Epoch, State: c.State, Signed: signed, Sig: sig}})
	return nil
}

// founded tells everybody else that there is a group now.
func (s *service) founded(by delivery.Member) {
	for who := range s.connected {
		if who != by {
			s.hello(who)
		}
	}
}

// faults are the errors of package delivery by their names.
var faults = []struct {
	err  error
	name string
}{
	{delivery.ErrMalformed, "malformed"}, {delivery.ErrTooLong, "tooLong"}, {delivery.ErrGroup, "group"}, {delivery.ErrLeaf, "leaf"},
	{delivery.ErrEpoch, "epoch"}, {delivery.ErrLost, "lost"}, {delivery.ErrRoster, "roster"}, {delivery.ErrRole, "role"},
	{delivery.ErrWelcome, "welcome"}, {delivery.ErrBundle, "bundle"}, {delivery.ErrThrottled, "throttled"},
	{delivery.ErrRefused, "refused"}, {delivery.ErrGap, "gap"},
}

func failed(id int, err error) notice {
	answer := notice{"type": "failed", "id": id, "fault": "internal", "after": 0}
	for _, f := range faults {
		if errors.Is(err, f.err) {
			answer["fault"] = f.name
		}
	}
	var throttled *delivery.ThrottledError
	if errors.As(err, &throttled) {
		answer["after"] = throttled.After.Milliseconds() + 1
	}
	return answer
}

// outlet hands on what the meeting tells. It is called under the meeting's lock.
type outlet struct{ *service }

var _ delivery.Outlet = outlet{}

// Post writes at once: the order is that of the meeting.
func (o outlet) Post(to delivery.Member, n delivery.Notice) {
	switch n := n.(type) {
	case delivery.Applied:
		o.tell(to, notice{"type": "applied", "record": record(n.Record)})
	case delivery.Welcomed:
		o.tell(to, notice{"type": "welcomed", "seq": n.Seq, "welcome": n.Welcome})
		o.later = append(o.later, func() { o.catchUp(to) })
	case delivery.Applicant:
		o.tell(to, notice{"type": "applicant", "ref": n.Ref[:], "keyPackage": n.KeyPackage, "participant": string(n.Member)})
	case delivery.ApplicantGone:
		o.tell(to, notice{"type": "applicantGone", "ref": n.Ref[:]})
	case delivery.Relayed:
		o.tell(to, notice{"type": "relayed", "message": n.Message})
	}
}

// Policy is for the gateway.
func (o outlet) Policy(_ uint64, p *e2ee.Policy) {
	o.later = append(o.later, func() { o.gateway.follow(p) })
}

// Bundle is for the gateway, and all are told that it took it.
func (o outlet) Bundle(sealed []byte, p *e2ee.Policy) {
	o.later = append(o.later, func() {
		b, err := e2ee.DecodeBundle(sealed)
		if err != nil || !o.gateway.take(sealed, p) {
			return
		}
		for who := range o.connected {
			if _, seated := o.meeting.Leaf(who); seated {
				o.tell(who, notice{"type": "bundled", "epoch": b.Epoch, "n": b.N})
			}
		}
	})
}
