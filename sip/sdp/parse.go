package sdp

// Parse reads a session description.
// Errors: ErrEmpty, a SyntaxError, a LimitError.
func Parse(b []byte) (*Description, error) { return nil, ErrEmpty }

// Bytes writes the description, lines ending in CRLF.
func (d *Description) Bytes() []byte { return nil }
