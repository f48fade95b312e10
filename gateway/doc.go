// Package gateway puts the parts together: it takes calls and browsers, leads each to its room by voice menu or by link,
// and ends in good order. Everything that decides who comes in is here; rooms, signalling and media know nothing of PINs
// and links.
package gateway
