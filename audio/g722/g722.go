// Package g722 is the wideband codec of desk phones: 16000 Hz in 64 kbit/s, one byte for two samples, two sub-bands in
// adaptive differential coding. It is written from ITU-T G.722, mode 1, and decodes bit by bit like the reference.
// Digital silence is encoded as the one code Silence, which a decoder at rest turns back into zeros; the reference's own
// quantizer would wander there, and nobody could tell silence from very quiet sound.
package g722

// Rate of the sound, Hz. The RTP clock of the format runs at 8000 by an old mistake (RFC 3551 section 4.5.2).
const Rate = 16000

// Silence is the code of digital silence: the smallest step up in both bands, which quantizes to no step at all.
const Silence = 0xfc
