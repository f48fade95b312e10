package replay

import (
	"bytes"
	"fmt"

	"legroom/e2ee"
)

// extensionTree is the number of the ratchet tree in a GroupInfo. Source: RFC 9420 section 17.3.
const extensionTree = 2

// Entrance is the group as somebody who is let in finds it.
type Entrance struct {
	*State
	// Signer of the GroupInfo: whose commit let in. Whether it is a host, State.Host tells.
	Signer Member
	// Confirmation tag, for members to check. Source: RFC 9420 section 6.1.
	Confirmation []byte
}

// Enter begins with the GroupInfo of a Welcome, as it is inside of it. It proves that the tree in it holds together (RFC 9420
// section 12.4.3.1) and is of leaves by rule R6, that the policy leads to the owner whom its charter names, and that a
// member signed it all; whether that is the owner of the room, the caller has to know. Nothing but the tree may be beside
// the group's context: no key, above all, by which others could come in from outside.
// Errors: ErrMalformed, ErrTree, ErrSignature, *RuleError.
func Enter(groupInfo []byte) (*Entrance, error) {
	g, err := read(groupInfo).groupInfo()
	if err != nil {
		return nil, err
	}
	s := g.state
	r := read(g.extensions)
	r.Must(r.U16() == extensionTree)
	nodes := r.Vector()
	if !r.Done() {
		return nil, fmt.Errorf("replay: not the tree alone in a group info: %w", ErrMalformed)
	}
	if s.tree, err = parseTree(nodes); err != nil {
		return nil, err
	}
	if s.Policy, err = policyOf(s.room); err != nil || s.Policy.Charter.Group != s.Group || !whole(s.Policy) {
		return nil, breaks(4, "policy")
	}
	if !s.tree.holds() {
		return nil, fmt.Errorf("replay: group info: %w", ErrTree)
	}
	if s.treeHash = s.tree.hash(s.tree.root()); !bytes.Equal(s.treeHash, g.treeHash) {
		return nil, fmt.Errorf("replay: hash of the tree: %w", ErrTree)
	}
	if err := s.leavesHold(); err != nil {
		return nil, err
	}
	signer := s.tree.at(g.signer)
	if signer == nil || !verifyWithLabel(signer.Key, "GroupInfoTBS", g.signed, g.signature) {
		return nil, fmt.Errorf("replay: group info: %w", ErrSignature)
	}
	return &Entrance{State: s, Signer: Member{g.signer, signer}, Confirmation: g.confirmation}, nil
}

// leavesHold holds every leaf to rule R6, and finds identities that are there twice.
func (s *State) leavesHold() error {
	identities := make(map[e2ee.Key]bool)
	for _, m := range s.Members() {
		if !m.proven(s.Group, m.Index) {
			return fmt.Errorf("replay: a leaf: %w", ErrSignature)
		}
		if err := m.fits(s.Policy.Charter.Room); err != nil {
			return err
		}
		if identities[m.Credential.Identity] {
			return breaks(6, "an identity twice")
		}
		identities[m.Credential.Identity] = true
	}
	return nil
}
