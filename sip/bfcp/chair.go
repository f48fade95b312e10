package bfcp

// Chair decides who has a floor: the room, whose presentation the floor is. It is called by the goroutine of Server.Run and
// must not wait; it may call Server.Decide from inside, which takes effect after.
type Chair interface {
	// Request asks for the floors of r, for as long as the request is not over. The verdict is Granted, Denied, or Pending or
	// Accepted when Server.Decide will say later; all else counts as Denied.
	Request(r Request) Verdict
	// Release tells that a request, which the chair had not ended, is over: by its user, or because the client is gone.
	Release(id uint16)
}

// Verdict is what becomes of a floor request.
type Verdict struct {
	// Status the request has from now on.
	Status Status
	// Queue is the place of an accepted request, 1 the next; 0 when it is not said.
	Queue uint8
	// Info is a word for the person at the client; may be empty.
	Info string
}

// Holder is somebody else who has a floor: a browser, or another room.
type Holder struct {
	// User is a number that the client has not got; 0 for nobody.
	User uint16
	// Name for people; may be empty.
	Name string
}
