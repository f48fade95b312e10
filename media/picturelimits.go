package media

// PictureLimits is what a receiver of one picture takes. It is comparable: two receivers of equal codec and limits can
// share one encode. A limit of 0 is none.
type PictureLimits struct {
	// Width and Height of the largest picture, pixels.
	Width, Height int
	// FrameRate in pictures a second.
	FrameRate int
	// Bitrate in bits a second: what was agreed, less what the receiver asked for since or its losses allow now.
	Bitrate int
	// NAL is the size of the largest NAL unit of H.264 that it takes, bytes: a receiver in packetization-mode 0 takes what
	// fits into one packet (RFC 6184 section 6.2).
	NAL int
}
