package replay

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"legroom/e2ee"
)

// Member is a leaf and its place.
type Member struct {
	// Index of the leaf.
	Index uint32
	*Leaf
}

// State is the public side of the group in one epoch. A State does not change; a commit makes a new one.
type State struct {
	// Group and Epoch.
	Group e2ee.Group
	Epoch uint64
	// Policy in force. Nobody changes it.
	Policy *e2ee.Policy

	room       []byte // the policy as it is encoded
	transcript []byte // confirmed transcript hash
	interim    []byte
	tree       tree
	treeHash   []byte
}

// Found begins with the KeyPackage of who founded the group and the GroupInfo of its first epoch, both MLSMessages. It
// proves that the group is of one leaf, whose identity the charter names, signed by it, under a policy that leads to
// the owner whom the charter names; whether that is the owner of the room, the caller has to know.
// Errors: ErrMalformed, ErrFounding, *RuleError.
func Found(keyPackage, groupInfo []byte) (*State, error) {
	r := message(keyPackage, wireKeyPackage)
	k := r.keyPackage()
	if !r.Done() {
		return nil, fmt.Errorf("replay: key package: %w", ErrMalformed)
	}
	g, err := message(groupInfo, wireGroupInfo).groupInfo()
	if err != nil {
		return nil, err
	}
	s := g.state
	s.tree = tree{{leaf: k.leaf}}
	s.treeHash = s.tree.hash(0)
	if s.Policy, err = policyOf(s.room); err != nil {
		return nil, breaks(4, "policy")
	}
	if err := k.fits(s.Policy.Charter.Room); err != nil {
		return nil, err
	}
	charter := &s.Policy.Charter
	switch {
	case s.Epoch != 0 || len(s.transcript) > 0 || g.signer != 0:
		return nil, fmt.Errorf("replay: not the first epoch: %w", ErrFounding)
	case charter.Group != s.Group || charter.By != k.leaf.Credential.Identity || !whole(s.Policy):
		return nil, fmt.Errorf("replay: charter: %w", ErrFounding)
	case !bytes.Equal(g.treeHash, s.treeHash) || !verifyWithLabel(k.leaf.Key, "GroupInfoTBS", g.signed, g.signature):
		return nil, fmt.Errorf("replay: group info: %w", ErrFounding)
	}
	return s, nil
}

// Transcript is the confirmed transcript hash, empty in the first epoch. Source: RFC 9420 section 8.2.
func (s *State) Transcript() []byte { return s.transcript }

// TreeHash of the tree. Source: RFC 9420 section 7.8.
func (s *State) TreeHash() e2ee.Hash { return e2ee.Hash(s.treeHash) }

// RoomHash is the SHA-256 of the policy.
func (s *State) RoomHash() e2ee.Hash { return sha256.Sum256(s.room) }

// Leaf of an index; nil for a blank one.
func (s *State) Leaf(index uint32) *Leaf { return s.tree.at(index) }

// Members in the order of their leaves.
func (s *State) Members() []Member {
	var all []Member
	for x := 0; x < len(s.tree); x += 2 {
		if l := s.tree[x].leaf; l != nil {
			all = append(all, Member{uint32(x / 2), l})
		}
	}
	return all
}

// Host tells whether an identity has that role now.
func (s *State) Host(identity e2ee.Key) bool {
	return slices.ContainsFunc(s.Policy.Hosts, func(h e2ee.HostEntry) bool { return !h.Out && h.Identity == identity })
}

// Context is the encoded GroupContext, which enters the keys of the epoch. Owner: the caller. Source: RFC 9420 section 8.1.
func (s *State) Context() []byte {
	b := u16(u16(nil, mls10), suite1)
	b = binary.BigEndian.AppendUint64(vector(b, s.Group[:]), s.Epoch)
	b = vector(vector(b, s.treeHash), s.transcript)
	return vector(b, vector(u16(nil, e2ee.PolicyExtension), s.room))
}

// Apply gives the state that a commit makes; s stays as it is. Errors: ErrMalformed, *RuleError, ErrSignature, ErrTree.
func (s *State) Apply(encoded []byte) (*State, *Step, error) {
	c, err := parseCommit(encoded)
	if err != nil {
		return nil, nil, err
	}
	step, policy, err := s.judge(c)
	if err != nil {
		return nil, nil, err
	}
	text := append(append(u16(u16(nil, mls10), wirePublic), c.content...), s.Context()...)
	if !verifyWithLabel(step.Sender.Key, "FramedContentTBS", text, c.signature) {
		return nil, nil, fmt.Errorf("replay: commit: %w", ErrSignature)
	}
	step.Path = c.path != nil
	step.Tags = Tags{c.confirmationTag, c.membershipTag, vector(vector(text, c.signature), c.confirmationTag)}
	next := &State{Group: s.Group, Epoch: s.Epoch + 1, Policy: s.Policy, room: s.room, tree: slices.Clone(s.tree)}
	if policy != nil {
		next.Policy = policy
		next.room, _ = roomData(c.contexts[0])
	}
	for _, m := range step.Removed {
		next.tree = next.tree.remove(m.Index)
	}
	for _, k := range c.adds {
		next.tree = next.tree.add(k.leaf)
		step.Added = append(step.Added, Member{next.tree.place(k.leaf), k.leaf})
	}
	if c.path != nil && !next.tree.merge(c.sender, c.path) {
		return nil, nil, fmt.Errorf("replay: commit: %w", ErrTree)
	}
	next.treeHash = next.tree.hash(next.tree.root())
	// Source: RFC 9420 section 8.2.
	input := append(u16(bytes.Clone(s.interim), wirePublic), c.content...)
	next.transcript = digest(vector(input, c.signature))
	next.interim = digest(vector(bytes.Clone(next.transcript), c.confirmationTag))
	return next, step, nil
}

// place of a leaf that is in the tree.
func (t tree) place(l *Leaf) uint32 {
	return uint32(slices.IndexFunc(t, func(n node) bool { return n.leaf == l }) / 2)
}
