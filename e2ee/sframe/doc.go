// Package sframe seals and opens whole encoded frames between the browsers of a room, so that a server can forward them
// and not read them: SFrame (RFC 9605), and what it leaves to its users: who a key id names, which bytes of each codec
// stay clear, how a phone system that may listen is kept from speaking as somebody else, and what is refused as a
// replay. It knows nothing of groups and where their keys come from.
//
// # Unit
//
// A unit is sealed with AES-128-GCM under a key that RFC 9605 section 4.4.2 derives from the base key of its epoch and
// kind, and from the key id:
//
//	h  SFrame header, 1 to 8 bytes: key id and counter, RFC 9605 section 4.3, always in the shortest form
//	P  clear bytes of the codec
//	C  ciphertext and its tag of 16 bytes; associated data is h || P
//	t  sender tag of 8 bytes, or nothing
//
//	prefix form:   h || C || t                           Opus, VP9, the payload of an AV1 OBU
//	trailer form:  P || C || t || h || 0x80 + len(h)     VP8, a slice of H.264 before it is escaped
//
//	        0                   1                   2                   3
//	        0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	       +-+-----+-+-----+---------------+---------------+---------------+
//	    h  |X|  K  |Y|  C  |  key id, 1-3 bytes if X (K = length - 1), ... |
//	       +-+-----+-+-----+---------------+---------------+---------------+
//	       |  counter, 1-4 bytes if Y (C = length - 1)                     |
//	       +---------------------------------------------------------------+
//
// Without X the key id is K, without Y the counter is C. A header that could be shorter is refused.
//
// # Key id
//
//	  23  22       18 17                  8 7               0
//	+---+------------+---------------------+-----------------+
//	| 0 |   track    |        leaf         |      epoch      |  browser
//	+---+------------+---------------------+-----------------+
//	| 1 |  n mod 32  |         leg         |      epoch      |  grantee: a phone system let in by grant n
//	+---+------------+---------------------+-----------------+
//
// Of the epoch the low 8 bits are here, so a receiver keeps one epoch for each value and never tries two keys on one
// frame: GCM does not commit to its key, and a frame can be made that opens under both.
//
// # Counter
//
// One for each epoch, kind and track, from 0, shared by all simulcast layers, slices and OBUs; after 2^32 a Sealer seals
// nothing more. A counter never repeats under a base key and key id.
//
// # Sender tag
//
// SFrame proves that a frame was sealed by somebody who has the key. While a grantee has the key of a kind, it could
// speak as any browser. So the browsers tag their frames of that kind, under a key that grantees never get:
//
//	t = HMAC-SHA-256(tag key, u8 kind || u8 len(h) || h || u32 len(P) || P || C), first 8 bytes
//
// It binds header and ciphertext, so a grantee can neither forge nor renumber nor splice. Between members it proves
// nothing: each of them could have made it. Whether it is there follows from the epoch alone, never from the frame.
//
// # What stays clear
//
//	Opus, VP9  nothing
//	VP8        1 byte of a delta frame, 10 of a key frame (its last clear bytes are the size of the picture)
//	H.264      of a slice (NAL types 1 and 5) its NAL header and slice header up to pic_parameter_set_id; SPS and PPS
//	           (7 and 8) whole. SEI, access unit delimiter and filler (6, 9, 12) are left out; any other type
//	           drops the frame. All start codes have 4 bytes
//	AV1        OBU headers, which count as P with the size bit cleared; sequence header and temporal delimiter
//	           (1 and 2) whole. Frame header, tile group and frame (3, 4, 6) are sealed, all others left out
//
// A sealed slice of H.264 is escaped behind its clear bytes (emulation prevention), with the run of zeros that they end
// in carried over:
//
//	00 00 00 01 | P as it was | escaped: C || t || h || 0x80 + len(h) |
//
// P and the plaintext keep the escapes of the encoder, so a slice comes back byte for byte. Parameter sets of H.264 and
// the sequence header of AV1 are not authenticated. RTP fields are never part of anything here.
//
// # Receiving
//
// ReadKeyID says who claims to have sent a frame; the caller finds the epoch by it, and Admit holds it against the roster
// of that epoch and one's own key id. The Opener of that stream then checks layout, tag and authenticity, and that the
// counter is new: 1,024 counters below the highest are remembered, and sound that is 64 or more below it is refused as
// well. Every error means that the frame is dropped.
package sframe
