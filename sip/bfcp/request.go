package bfcp

// ourRequests are the numbers of the client's own floor requests: 1 to this. Those above are others' in FloorStatus.
const ourRequests = 0x7fff

// request is a floor request of the client.
type request struct {
	Request
	// told is the status the client was told of.
	told Status
	// toldQueue is the place in the queue it was told of.
	toldQueue uint8
}

// stale tells that the client does not know the status yet.
func (r *request) stale() bool { return r.told != r.Status || r.toldQueue != r.Queue }

// tell notes that the client is being told.
func (r *request) tell() { r.told, r.toldQueue = r.Status, r.Queue }

// set moves the request on, if it can go there. A chair that revokes what was never granted, or denies what was, means
// the other word.
func (r *request) set(v Verdict) bool {
	switch {
	case v.Status == Revoked && r.Status != Granted:
		v.Status = Denied
	case v.Status == Denied && r.Status == Granted:
		v.Status = Revoked
	}
	if v.Status != Accepted {
		v.Queue = 0
	}
	if !r.Status.may(v.Status) {
		return false
	}
	r.Status, r.Queue, r.Info = v.Status, v.Queue, clip(v.Info, maxName)
	return true
}
