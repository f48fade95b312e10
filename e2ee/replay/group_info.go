package replay

import (
	"bytes"
	"fmt"
)

// groupInfo is the part of one that is needed. Source: RFC 9420 section 12.4.3.
type groupInfo struct {
	state        *State // without tree and policy
	treeHash     []byte
	extensions   []byte
	confirmation []byte // tag
	signer       uint32
	signed       []byte
	signature    []byte
}

func (r *reader) groupInfo() (*groupInfo, error) {
	all, g := r.Rest(), &groupInfo{state: &State{}}
	r.Must(r.U16() == mls10)
	r.Must(r.U16() == suite1)
	r.group(&g.state.Group)
	g.state.Epoch = r.U64()
	g.treeHash = r.Vector()
	g.state.transcript = r.Vector()
	room, ok := roomData(r.Vector())
	r.Must(ok)
	g.state.room = room
	g.extensions = r.Vector()
	g.confirmation = r.Vector()
	g.signer = r.U32()
	g.signed = all[:len(all)-len(r.Rest())]
	g.signature = r.Vector()
	if !r.Done() {
		return nil, fmt.Errorf("replay: group info: %w", ErrMalformed)
	}
	g.state.interim = digest(vector(bytes.Clone(g.state.transcript), g.confirmation))
	return g, nil
}
