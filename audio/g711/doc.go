// Package g711 is the codec of the telephone network: one byte a sample at 8000 Hz, in the two companding laws of
// ITU-T G.711. It is exact: encoding a decoded byte gives that byte again (but for the second zero of mu-law), and zero
// samples give the silence codes 0xFF (mu-law) and 0xD5 (A-law).
package g711
