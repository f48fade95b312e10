package delivery

import "legroom/e2ee"

// Member is a participant of the meeting, whatever connection it has at the moment.
type Member string

// Notice is something to tell a member: Applied, Welcomed, Applicant, ApplicantGone or Relayed.
type Notice interface{ notice() }

// Applied tells the members of an epoch of its winning commit, the committer too, which keeps its old state until then;
// or that epochs are open again.
type Applied struct{ Record Record }

// Welcomed lets somebody in.
type Welcomed struct {
	// Leaf of the newcomer, Epoch it starts in, Seq of the record after which it follows the log.
	Leaf  uint32
	Epoch uint64
	Seq   uint64
	// Welcome as the committer made it.
	Welcome []byte
}

// Applicant tells a host that somebody waits to be let in.
type Applicant struct {
	// Member who waits.
	Member Member
	// Ref of the KeyPackage, which is what a host adds.
	Ref Ref
	// KeyPackage as it came.
	KeyPackage []byte
}

// ApplicantGone tells a host that nobody waits under that KeyPackage any more.
type ApplicantGone struct{ Ref Ref }

// Relayed is an encrypted message of a member to all others; who wrote it is inside.
type Relayed struct{ Message []byte }

func (Applied) notice()       {}
func (Welcomed) notice()      {}
func (Applicant) notice()     {}
func (ApplicantGone) notice() {}
func (Relayed) notice()       {}

// Outlet is where a Meeting tells what happened. It is called under the Meeting's lock, so that everybody is told in one
// order: it puts what it gets into a queue, does not wait, and does not call back.
// Owner: nobody changes what is handed over.
type Outlet interface {
	// Post is for one member that is connected.
	Post(to Member, n Notice)
	// Policy is for the gateway: what holds from this epoch on. After a reopening the epoch is a lower one.
	Policy(epoch uint64, p *e2ee.Policy)
	// Bundle is for the gateway, with the policy of its epoch.
	Bundle(sealed []byte, p *e2ee.Policy)
}
