package ledger

import (
	"errors"
	"fmt"
	"slices"

	"legroom/e2ee"
	"legroom/e2ee/replay"
	"legroom/e2ee/sframe"
)

func (v *verifier) foundedLine(l *line) {
	if v.founded {
		v.report.fault(v.at, "a second group")
		return
	}
	v.founded = true
	s, err := replay.Found(l.Founded.KeyPackage, l.Founded.GroupInfo)
	if err != nil || s.Group != v.report.Group || l.Founded.Epoch != 0 {
		v.stick("the group does not begin as its charter and the first line say")
		return
	}
	v.history.add(s)
	v.report.Room, v.report.Owner = s.Policy.Charter.Room, s.Policy.Charter.Owner
	for _, m := range s.Members() {
		v.join(m, 0, l.Time, "founded the group")
	}
	v.grants(nil, s.Policy, 0, l.Time, "the founder", "")
}

func (v *verifier) committedLine(l *line) {
	c, now := l.Committed, v.history.now()
	switch {
	case v.report.Stuck:
		return
	case now == nil:
		v.stick("a commit before there is a group")
		return
	case c.Epoch > now.Epoch:
		v.stick(fmt.Sprintf("a commit of epoch %d, and that of epoch %d is due: it is missing", c.Epoch, now.Epoch))
		return
	case c.Epoch < now.Epoch:
		v.report.fault(v.at, fmt.Sprintf("a second commit of epoch %d: the server split the group", c.Epoch))
		return
	}
	next, step, err := now.Apply(c.Commit)
	if err != nil {
		v.stick(whyNot(err))
		return
	}
	by := quoted(step.Sender.Credential.Name)
	if c.Leaf != step.Sender.Index {
		v.report.fault(v.at, fmt.Sprintf("it names leaf %d, and leaf %d committed", c.Leaf, step.Sender.Index))
	}
	if len(c.Bundles) > len(next.Policy.Grants) {
		v.report.fault(v.at, "more bundles of keys than grants")
	}
	for _, m := range step.Removed {
		for i := range v.report.People {
			if p := &v.report.People[i]; p.Open && p.Leaf == m.Index {
				p.end(now.Epoch, l.Time, "removed by "+by)
			}
		}
	}
	began := "let in by " + by
	if step.Shape == replay.Rejoin {
		began = "brought back by " + by
	}
	for _, m := range step.Added {
		v.join(m, next.Epoch, l.Time, began)
	}
	consent := ""
	if now.Policy.VetoRule == e2ee.VetoAll || next.Policy.VetoRule == e2ee.VetoAll {
		consent = " with the consent of everybody"
	}
	v.grants(now.Policy, next.Policy, next.Epoch, l.Time, by, consent)
	v.history.add(next)
	v.report.Epoch = next.Epoch
}

// whyNot says why no member would have taken a commit. Which rule of R1 to R6 it breaks is not said: where the form of a
// commit ends and the first rule begins differs from reader to reader, and both verifiers are to say the same.
func whyNot(err error) string {
	switch {
	case errors.Is(err, replay.ErrSignature):
		return "the commit is not signed for this history by the leaf that it names"
	case errors.Is(err, replay.ErrTree):
		return "the commit does not fit the tree"
	default:
		return "the commit breaks the rules of the room, and no member takes such a one"
	}
}

func (v *verifier) join(m replay.Member, epoch uint64, at int64, how string) {
	c := m.Credential
	v.report.People = keep(&v.report, v.report.People, Person{
		Span: Span{First: epoch, Open: true, From: at, Began: how},
		Name: c.Name, Kind: c.Kind, Identity: c.Identity, Leaf: m.Index,
	})
}

// grants compares two policies.
func (v *verifier) grants(old, next *e2ee.Policy, epoch uint64, at int64, by, consent string) {
	if old != nil {
		for _, g := range old.Grants {
			if slices.ContainsFunc(next.Grants, func(o e2ee.GrantEntry) bool { return o.N == g.N }) {
				continue
			}
			for i := range v.report.Machines {
				if m := &v.report.Machines[i]; m.Open && m.N == g.N {
					m.end(epoch-1, at, "ended by "+by)
				}
			}
		}
	}
	for _, g := range next.Grants {
		if old != nil && slices.ContainsFunc(old.Grants, func(o e2ee.GrantEntry) bool { return o.N == g.N }) {
			continue
		}
		r, err := e2ee.DecodeRequest(g.Request)
		if err != nil {
			continue // DecodePolicy read it before
		}
		v.report.Machines = keep(&v.report, v.report.Machines, Machine{
			Span: Span{First: epoch, Open: true, From: at, Began: "approved by " + by + consent},
			N:    g.N, Gateway: r.Gateway, Scope: g.Scope, Speak: g.Speak, NotAfter: g.NotAfter, Legs: r.Legs,
		})
	}
}

func (v *verifier) reopenedLine(l *line) {
	if v.report.Stuck {
		return
	}
	now, epoch := v.history.now(), l.Reopened.Epoch
	if now == nil || !v.history.takeBack(epoch) {
		v.stick(fmt.Sprintf("it takes back commits from epoch %d on, which are not there", epoch))
		return
	}
	v.report.takeBack(epoch, now.Epoch, l.Time)
	v.report.Epoch = epoch
	v.report.remark(v.at, fmt.Sprintf("the server took back the commits from epoch %d on; it says that most members had refused them", epoch))
}

func (v *verifier) checkpointLine(l *line) {
	k := l.Checkpoint
	c, err := e2ee.DecodeCheckpoint(k.Signed)
	sig := e2ee.Signature(k.Signature)
	now := v.history.now()
	switch {
	case err != nil || c.Group != v.report.Group:
		v.report.fault(v.at, "a checkpoint that is damaged or of another group")
		return
	case v.report.Stuck || now == nil:
		v.report.remark(v.at, "a checkpoint that could not be compared")
		return
	case v.wentOn(c, k):
		return
	case c.Epoch > now.Epoch:
		v.report.fault(v.at, fmt.Sprintf("leaf %d vouched for epoch %d, which the log does not have", k.Leaf, c.Epoch))
		return
	}
	s := v.history.at(c.Epoch)
	if s == nil {
		v.report.remark(v.at, "a checkpoint that could not be compared")
		return
	}
	leaf := s.Leaf(k.Leaf)
	signed := leaf != nil && e2ee.VerifyCheckpoint(k.Signed, leaf.Key, sig)
	if !signed || !same(c, s) {
		v.parted(c, k, leaf, signed)
		return
	}
	fits := marks(c.State, s.Policy)
	v.vouch(c, leaf, fits)
	if !fits {
		v.report.fault(v.at, fmt.Sprintf("the browser of %s showed %s, which is not what the policy of epoch %d says",
			quoted(leaf.Credential.Name), c.State, c.Epoch))
	}
}

// wentOn tells of a checkpoint by somebody who follows a commit that was taken back; false for all others.
func (v *verifier) wentOn(c *e2ee.Checkpoint, k *checkpointLine) bool {
	l := v.history.tookBack(c, k.Leaf, k.Signed, e2ee.Signature(k.Signature))
	if l == nil {
		return false
	}
	v.vouch(c, l, false)
	v.report.fault(v.at, fmt.Sprintf("%s went on with a commit of epoch %d that was taken back: the group was split",
		quoted(l.Credential.Name), c.Epoch-1))
	return true
}

// parted tells of a checkpoint that does not fit the log's epoch.
func (v *verifier) parted(c *e2ee.Checkpoint, k *checkpointLine, leaf *replay.Leaf, signed bool) {
	if !signed {
		v.report.fault(v.at, fmt.Sprintf("a checkpoint of epoch %d that leaf %d did not sign", c.Epoch, k.Leaf))
		return
	}
	v.vouch(c, leaf, false)
	v.report.fault(v.at, fmt.Sprintf("%s vouched for another history of epoch %d than the log tells", quoted(leaf.Credential.Name), c.Epoch))
}

func (v *verifier) vouch(c *e2ee.Checkpoint, l *replay.Leaf, agrees bool) {
	v.report.Vouched = keep(&v.report, v.report.Vouched,
		Vouched{Line: v.at, Name: l.Credential.Name, Epoch: c.Epoch, State: c.State, Agrees: agrees})
}

// marks tells whether a mark can be shown under a policy. What hangs on more than the policy is let pass.
func marks(state e2ee.MarkedState, p *e2ee.Policy) bool {
	wide := slices.ContainsFunc(p.Grants, func(g e2ee.GrantEntry) bool {
		r, err := e2ee.DecodeRequest(g.Request)
		return err != nil || !g.Scope.Within(e2ee.ScopeOf(sframe.Audio, sframe.ScreenAudio)) || slices.ContainsFunc(r.Legs, func(l e2ee.RequestLeg) bool {
			return l.Kind == e2ee.Recorder
		})
	})
	switch state {
	case e2ee.MarkSealed:
		return len(p.Grants) == 0
	case e2ee.MarkAudioOpen:
		return len(p.Grants) > 0 && !wide
	case e2ee.MarkMediaOpen:
		return wide
	default:
		return true
	}
}
