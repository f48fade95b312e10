package ledger

import "legroom/e2ee"

// most entries that one list of a Report holds, so that memory stays bounded; how many there were is counted.
const mostListed = 1000

// Report is what a log proves, and where it does not hold together.
type Report struct {
	// Room and Group, and Owner as the charter names it. Whether that is the owner of the room, the reader has to know.
	Room  string
	Group e2ee.Group
	Owner e2ee.Key
	// Server whose key signs the lines.
	Server e2ee.Key
	// Lines there are, and the Epoch that was reached.
	Lines int
	Epoch uint64
	Period
	// Over is false where the meeting went on when the log was exported, Stuck true where a fault kept the group from
	// being followed to the end: what is Open then was so at the fault.
	Over, Stuck bool
	// People who had keys of everything, and Machines that were given some.
	People   []Person
	Machines []Machine
	// Vouched lists the checkpoints, Remarks what is no fault, Faults what is.
	Vouched []Vouched
	Remarks []Finding
	Faults  []Finding
	// More counts what did not go into the lists.
	More int
}

// Period is from the first line to the last, by the server's clock, Unix milliseconds.
type Period struct{ From, To int64 }

// Holds tells whether there is no fault.
func (r *Report) Holds() bool { return len(r.Faults) == 0 }

// Span is when somebody could hold keys.
type Span struct {
	// First and Last epoch. Last counts only when it is not Open.
	First, Last uint64
	// Open means to the end of the log.
	Open bool
	// From and To by the server's clock, Unix milliseconds.
	From, To int64
	// Began and Ended tell by whom, in words.
	Began, Ended string

	withdrawn bool
}

// Person is a member of the group on one leaf.
type Person struct {
	Span
	// Name as the browser claims it, Kind of its identity.
	Name string
	Kind e2ee.CredentialKind
	// Identity key and Leaf.
	Identity e2ee.Key
	Leaf     uint32
}

// Machine is a gateway under one grant.
type Machine struct {
	Span
	// N is the number of the grant, Gateway the key it was given to.
	N       uint32
	Gateway e2ee.Key
	// Scope whose keys it could hold, and Speak, what it could send.
	Scope, Speak e2ee.Scope
	// NotAfter is when the grant ended by itself.
	NotAfter e2ee.Seconds
	// Legs as the gateway named them.
	Legs []e2ee.RequestLeg
}

// Vouched is a checkpoint that was compared.
type Vouched struct {
	// Line in the file, from 1.
	Line int
	// Name of the member, Epoch and State it vouched for.
	Name  string
	Epoch uint64
	State e2ee.MarkedState
	// Agrees with the log.
	Agrees bool
}

// Finding is something about a line.
type Finding struct {
	// Line in the file, from 1.
	Line int
	// Text in plain words.
	Text string
}

func keep[T any](r *Report, list []T, item T) []T {
	if len(list) >= mostListed {
		r.More++
		return list
	}
	return append(list, item)
}

func (r *Report) fault(line int, text string) {
	r.Faults = keep(r, r.Faults, Finding{line, text})
}

func (r *Report) remark(line int, text string) {
	r.Remarks = keep(r, r.Remarks, Finding{line, text})
}

// spans gives all people and machines.
func (r *Report) spans() []*Span {
	all := make([]*Span, 0, len(r.People)+len(r.Machines))
	for i := range r.People {
		all = append(all, &r.People[i].Span)
	}
	for i := range r.Machines {
		all = append(all, &r.Machines[i].Span)
	}
	return all
}

// end closes a span with the epoch before a commit.
func (s *Span) end(last uint64, at int64, how string) {
	s.Open, s.Last, s.To, s.Ended = false, last, at, how
}

// takeBack sets the spans to what they were at an epoch: what began later is over, what ended later goes on.
func (r *Report) takeBack(epoch, last uint64, at int64) {
	for _, s := range r.spans() {
		switch {
		case s.withdrawn:
		case s.First > epoch:
			s.withdrawn = true
			if s.Open {
				s.end(last, at, "taken back by the server")
			}
		case !s.Open && s.Last >= epoch:
			s.Open, s.Ended = true, ""
		}
	}
}
