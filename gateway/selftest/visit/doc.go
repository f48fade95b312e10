// Package visit looks at an encrypted room as a user does: it joins by an invitation, is let in by a host like anybody, takes
// what the gateway sends it for some seconds, and tells of every stream whether it was sealed, with whose key, and who else
// can open it. It believes the gateway nothing that it can check: who is in the meeting and whose a stream is it has from the
// group and from the keys that open the frames.
//
// It is a program of its own that happens to be in the gateway's binary. Nothing that serves imports it.
package visit
