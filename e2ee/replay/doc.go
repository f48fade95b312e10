// Package replay follows the public side of a room's MLS group (RFC 9420): from the leaf that founded it through every
// commit, as somebody who is no member can. It proves who committed what, whom the tree holds, which policy is in force
// and that the rooms' own rules R1 to R6 were kept. Confirmation and membership tags need the group's secrets and are
// left to members. Cipher suite 1 only.
package replay
