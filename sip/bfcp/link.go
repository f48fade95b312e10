package bfcp

// Link carries messages to and from one client. See Stream, Packets and Datagrams.
// Read is called by one goroutine, the rest by another.
type Link interface {
	// Read waits for the next message, or fragment of one. Owner: lent until the next call.
	Read() ([]byte, error)
	// Write sends one. Owner: b is not kept.
	Write(b []byte) error
	// Confirm tells that what was read last is of our client: what it came from is the client's address now. Nothing more
	// is read before.
	Confirm()
	// Known tells whether what was read last came from a confirmed client, who may be told of an error.
	Known() bool
	// Reliable tells that nothing gets lost and nothing comes twice.
	Reliable() bool
	// Close ends a Read that waits.
	Close() error
}
