package delivery

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"legroom/e2ee"
)

// Limits of what a member sends.
const (
	maxCommit    = 64 << 10
	maxWelcome   = 256 << 10
	maxGroupInfo = 256 << 10
	maxBundle    = 4 << 10
	maxBundles   = 8

	// MaxSubmission bounds a commit with its Welcome and bundles together, bytes. One that lets 47 people with the longest
	// names into a room of 200 has 191,000: a commit of 48,000, a Welcome of 139,000, and eight bundles of 500 each.
	MaxSubmission = maxCommit + maxWelcome + maxBundles*maxBundle

	// 256 epochs must not pass while a frame is under way, since a key id bears only the low bits.
	paceEvery = time.Second
	paceBurst = 8
	// guestEvery and guestBurst keep one who is no host from keeping the others busy. A lone host who reloads twice in a minute
	// is let in again by the same guest, at once each time.
	guestEvery = 30 * time.Second
	guestBurst = 3
)

// Submission is a commit with what belongs to it. Owner: handed over.
type Submission struct {
	// Commit is a PublicMessage, as MLSMessage.
	Commit []byte
	// Welcome for those whom it adds, as MLSMessage; empty when it adds nobody.
	Welcome []byte
	// GroupInfo of the epoch that it makes, as MLSMessage; may be empty.
	GroupInfo []byte
	// Bundles for the grants in force after it.
	Bundles [][]byte
}

// tooLong holds the limits.
func (s *Submission) tooLong() bool {
	long := func(b []byte) bool { return len(b) > maxBundle }
	return len(s.Commit) > maxCommit || len(s.Welcome) > maxWelcome || len(s.GroupInfo) > maxGroupInfo ||
		len(s.Bundles) > maxBundles || slices.ContainsFunc(s.Bundles, long)
}

// Submit offers a commit. The first one of an epoch that is well formed, and comes from whom its leaf belongs to, wins:
// everybody is told of it in the same order, its Welcome and bundles go out, and the epoch is over. Nothing of one that
// does not win is passed on.
// Errors: ErrTooLong, ErrMalformed, ErrGroup, ErrLeaf, *LostError, ErrEpoch, ErrRefused, ErrRole, ErrRoster, ErrWelcome,
// ErrBundle, *ThrottledError, and of the Log.
func (m *Meeting) Submit(who Member, s Submission) error {
	if s.tooLong() {
		return ErrTooLong
	}
	c, err := parseCommit(s.Commit)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.mayCommit(who, c); err != nil {
		return err
	}
	hash := Hash(sha256.Sum256(s.Commit))
	if slices.Contains(m.barred, hash) {
		return ErrRefused
	}
	if !m.state.allows(who, c) {
		return ErrRole
	}
	next, added, err := m.state.after(c, m.waiting)
	if err != nil {
		return fmt.Errorf("delivery: commit: %w", err)
	}
	if err := checkWelcome(s.Welcome, added); err != nil {
		return err
	}
	if err := next.setGroupInfo(s.GroupInfo); err != nil {
		return err
	}
	hashes, err := next.checkBundles(s.Bundles)
	if err != nil {
		return err
	}
	if err := m.throttle(who, c); err != nil {
		return err
	}
	r := m.record(Committed, c.epoch)
	r.Leaf, r.Commit, r.GroupInfo, r.Bundles = c.sender, s.Commit, s.GroupInfo, hashes
	r.Narrows = m.state.revokes(c) || c.policy == nil && len(c.adds) == 0 && len(c.removes) > 0
	r.Returns = m.state.returns(c)
	if err := m.append(r); err != nil {
		return err
	}
	m.spend(who, c)
	m.remember(undo{state: m.state, commit: hash, committer: who, added: added, refused: make(map[Member]bool)})
	m.advance(next, added, r, s)
	return nil
}

// mayCommit tells whether the commit is for this group and epoch and the leaf is the member's.
func (m *Meeting) mayCommit(who Member, c *commit) error {
	switch {
	case m.state == nil || c.group != m.state.policy.Charter.Group:
		return ErrGroup
	case m.state.leaves[c.sender].member != who || who == "":
		return ErrLeaf
	case c.epoch < m.state.epoch:
		return &LostError{Epoch: m.state.epoch}
	case c.epoch > m.state.epoch:
		return ErrEpoch
	}
	return nil
}

// checkWelcome holds that a Welcome is for those who are added, all of them and nobody else.
func checkWelcome(welcome []byte, added []joined) error {
	if len(added) == 0 && len(welcome) == 0 {
		return nil
	}
	refs, err := parseWelcome(welcome)
	if err != nil {
		return err
	}
	if len(refs) != len(added) || len(refs) == 0 {
		return ErrWelcome
	}
	for _, j := range added {
		if !slices.Contains(refs, j.ref) {
			return ErrWelcome
		}
	}
	return nil
}

// setGroupInfo takes the GroupInfo of the state, if it is one.
func (s *state) setGroupInfo(info []byte) error {
	if len(info) == 0 {
		return nil
	}
	g, err := parseGroupInfo(info)
	if err != nil {
		return err
	}
	if g.group != s.policy.Charter.Group || g.epoch != s.epoch {
		return fmt.Errorf("delivery: group info: %w", ErrGroup)
	}
	s.groupInfo = info
	return nil
}

// checkBundles holds that each is for another grant that is in force in the state, and for its epoch.
func (s *state) checkBundles(bundles [][]byte) ([]Hash, error) {
	var hashes []Hash
	seen := make(map[uint32]bool, len(bundles))
	for _, b := range bundles {
		sealed, err := s.bundle(b)
		if err != nil {
			return nil, err
		}
		if seen[sealed.N] {
			return nil, ErrBundle
		}
		seen[sealed.N] = true
		hashes = append(hashes, sha256.Sum256(b))
	}
	return hashes, nil
}

// bundle reads the envelope of one.
func (s *state) bundle(b []byte) (*e2ee.SealedBundle, error) {
	sealed, err := e2ee.DecodeBundle(b)
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	granted := slices.ContainsFunc(s.policy.Grants, func(g e2ee.GrantEntry) bool { return g.N == sealed.N })
	if !granted || sealed.Epoch != s.epoch {
		return nil, ErrBundle
	}
	return sealed, nil
}

// throttle tells whether a commit may be taken now. Whoever takes grants away need not wait for its own turn.
func (m *Meeting) throttle(who Member, c *commit) error {
	now := m.cfg.Now()
	wait := m.pace.wait(now)
	if b := m.guests[who]; b != nil && m.bound(who, c) {
		wait = max(wait, b.wait(now))
	}
	if wait > 0 {
		return &ThrottledError{After: wait}
	}
	return nil
}

// bound tells whether the commit counts among the few that one who is no host has.
func (m *Meeting) bound(who Member, c *commit) bool { return !m.state.host(who) && !m.state.revokes(c) }

func (m *Meeting) spend(who Member, c *commit) {
	now := m.cfg.Now()
	m.pace.spend(now)
	if !m.bound(who, c) {
		return
	}
	m.spendAsGuest(who, now)
}

func (m *Meeting) spendAsGuest(who Member, now time.Time) {
	if m.guests[who] == nil {
		m.guests[who] = &bucket{every: guestEvery, size: guestBurst}
	}
	m.guests[who].spend(now)
}

// advance makes the commit's epoch the present one and tells everybody: members first, then who is new, then the gateway.
func (m *Meeting) advance(next *state, added []joined, r Record, s Submission) {
	before := m.state
	m.state = next
	clear(m.late)
	m.postAll(before, Applied{Record: r})
	for _, j := range added {
		delete(m.lobby, j.member)
		m.post(j.member, Welcomed{Leaf: j.leaf, Epoch: next.epoch, Seq: r.Seq, Welcome: s.Welcome})
	}
	for _, j := range added {
		m.postAll(next, ApplicantGone{Ref: j.ref})
	}
	// Who has just got a leaf remembers nothing of those who wait, also where they were told before on another leaf.
	for _, j := range added {
		m.tellOf(j.member)
	}
	for to := range next.members() {
		fresh := slices.ContainsFunc(added, func(j joined) bool { return j.member == to })
		if !fresh && next.host(to) && !before.host(to) {
			m.tellOf(to)
		}
	}
	m.cfg.Outlet.Policy(next.epoch, next.policy)
	for _, b := range s.Bundles {
		m.cfg.Outlet.Bundle(b, next.policy)
	}
}
