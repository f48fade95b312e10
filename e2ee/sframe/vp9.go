package sframe

// vp9 has nothing in clear: what forwarders need is in the payload descriptor (RFC 9628 section 4.2), which the
// packetizer puts before the sealed frame.
var vp9 = whole{}
