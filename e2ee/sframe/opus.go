package sframe

// opus has nothing in clear: a packet is a payload (RFC 7587 section 4.2), and no forwarder needs to look inside.
var opus = whole{}
