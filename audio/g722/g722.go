// Package g722 is the wideband codec of desk phones: 16000 Hz in 64 kbit/s, one byte for two samples, two sub-bands in
// adaptive differential coding. It is written from ITU-T G.722, mode 1, and decodes bit by bit like the reference.
// Digital silence from a fresh encoder stays the one code Silence.
package g722

// Rate of the sound, Hz. The RTP clock of the format runs at 8000 by an old mistake (RFC 3551 section 4.5.2).
const Rate = 16000

// Silence is the code of digital silence.
const Silence = 0xfa
