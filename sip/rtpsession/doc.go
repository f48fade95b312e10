// Package rtpsession is one RTP session (RFC 3550) with a SIP peer: its sockets, SRTP with keys from SDES or DTLS,
// symmetric RTP, RTCP and telephone-events. One media line of a call has one Session.
//
// Who runs where: Run owns one reading goroutine a socket (with rtcp-mux the RTCP socket has none), one for timers, and
// one for DTLS while there is any. Received packets are handed on from the reading goroutine; Write sends from whoever
// calls it. What was agreed is an immutable snapshot: readers see an old one or a new one, never a mixture.
package rtpsession
