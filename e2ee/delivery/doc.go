// Package delivery is the delivery service of a meeting's MLS group (RFC 9750 section 5): it puts commits in order and
// passes them on. It holds no key and proves no signature of the group; what is right, the members judge. What it can do
// wrong is to delay, to withhold and to split, and all three show.
//
// A Meeting is a state machine without goroutines and without network. Of a commit it reads the envelope, who is added
// and removed, and the room's policy, so that it knows which leaf belongs to whom and who is a host.
package delivery
