package rooms

// clearPublisher is a participant whose media reaches the gateway in clear: the first of the two reasons for a ClearTrack.
// The second is an e2ee.Opener. Only inClear makes one.
type clearPublisher struct{ participant *Participant }

// inClear is false for who seals what it sends, or may: a browser in an encrypted room has to, whatever was said when it
// joined. Legs of the gateway itself never do.
func (p *Participant) inClear() (clearPublisher, bool) {
	clear := p.request.Clear
	if p.room.policy.Mode.Encrypted() {
		switch p.request.Kind {
		case Phone, RoomSystem, Recorder:
		default:
			clear = false
		}
	}
	return clearPublisher{p}, clear
}
