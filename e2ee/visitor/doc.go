// Package visitor is a member of a room's MLS group (RFC 9420) that only listens: what `legroom selftest` is when somebody
// wants to see with keys of their own that a meeting is encrypted. It is let in by a host's commit like anybody, derives the
// epoch's keys, opens frames with them, and proves of the group what a browser proves before it enters.
//
// It is not a whole member. It keeps no key of the tree, so what a commit seals to members (a path: somebody was removed, or
// keys were refreshed) is not for it, and its membership ends there. It commits nothing and seals nothing.
//
// The gateway is no member of any group and must not become one: nothing that serves imports this package, and a test in
// test/arch holds that.
package visitor
