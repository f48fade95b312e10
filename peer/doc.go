// Package peer is the browser's Leg: one WebRTC connection that brings a browser's tracks into a room and carries the
// room's tracks to it, forwarded packet by packet and never decoded.
//
// An Engine holds what all browsers share: the UDP port, the TCP fallback, the embedded TURN server and the packet
// caches. A Leg is one browser: uplinks read what it publishes, downlinks (slots) carry what it watches. The browser is
// the only one that offers; m-lines it marks recvonly are free slots, which the room fills by source switch and without
// another offer. No type of the WebRTC library leaves this package but in the methods of DownTrack that the library calls.
//
// In an encrypted room a Leg forwards what it cannot read. It looks at VP8's descriptor and the first byte of a frame (of
// a key frame the first ten, which end in its size) and at the NAL types of H.264, which all stay clear, and at nothing
// behind them; keys and epochs are nothing to it. Of a sender's header only what the clock and the order of packets need
// goes on, renumbered, and of its payload every byte but the picture numbers in VP8's descriptor.
//
// Order of locks: Leg.mu, then DownTrack.mu and Engine.mu; a slot's resend.mu before its mu, and the origin's after both.
// uplink.turn is taken with none of them held and guards nothing: it makes a Track's layers write one after the other.
// DownTrack.mu is held while a packet goes to the connection, which does not wait: UDP is sent or dropped, TCP has a
// buffer, and without a working path slots drop at once.
package peer
