// Package sip answers and places telephone calls: it owns the SIP sockets, decides who may call, keeps dialogs and hands
// each answered call out as a Leg that a room can take.
//
// A Server is made by New, which opens the sockets, and served by Run. Every incoming call that passes the early checks
// (address lists, digest, limits, a usable offer) reaches the Handler as a Dialog; Dialog.Answer makes the Leg.
// Calls that are refused on the way leave one Refusal and one plain log line.
//
// It stands on the transactions of sipgo and on nothing above them: RFC 3261 dialogs, RFC 4028 session timers and
// offer/answer timing are ours. No sipgo type leaves this package.
package sip
