package hwaccel

// Surface is a picture on a card, as those know it who cannot look at it: what media.Picture.Surface is.
type Surface interface {
	// Keep takes a hold on the picture that lasts until Release, or until it is given to the next Keep: old is one that is
	// not needed any more, or nil. A card has room for a few (each who looks at a decoder's pictures keeps one or two).
	// Owner: the caller. Errors: ErrPicture.
	Keep(old Surface) (Surface, error)
	// Release gives the hold back. It may be called more than once.
	Release()
}
