package e2ee

// LegKind tells what a leg of a gateway is.
type LegKind string

// Kinds of legs, by the names of the signalling protocol. The zero value is refused.
const (
	Phone      LegKind = "phone"
	RoomSystem LegKind = "roomSystem"
	Recorder   LegKind = "recorder"
)

// RequestLeg is one line for which a gateway asks. All of it is the claim of the gateway.
type RequestLeg struct {
	// No is the number of the leg in key ids, up to 1023.
	No uint16 `cbor:"no"`
	// Kind of leg.
	Kind LegKind `cbor:"kind"`
	// Label to show, at most 64 bytes.
	Label string `cbor:"label"`
	// Number of the caller, masked, at most 32 bytes.
	Number string `cbor:"number"`
}

// Request is what a gateway asks the hosts of a group for. It is granted as a whole or in a smaller scope; another leg
// needs another request.
type Request struct {
	// Version is 1.
	Version uint8 `cbor:"v"`
	// Room and Group it is for.
	Room  string `cbor:"room"`
	Group Group  `cbor:"group"`
	// ID is drawn at random.
	ID [16]byte `cbor:"id"`
	// Gateway is the key that signs it, HPKE the X25519 key that bundles are sealed to.
	Gateway Key `cbor:"gateway"`
	HPKE    Key `cbor:"hpke"`
	// Legs in ascending order, 1 to 256.
	Legs []RequestLeg `cbor:"legs"`
	// Scope to open, and Speak to send.
	Scope Scope `cbor:"scope"`
	Speak Scope `cbor:"speak"`
	// NotAfter is the end of any grant of it.
	NotAfter Seconds `cbor:"notAfter"`
}

// DecodeRequest reads a request. The signature is not looked at. Errors: ErrEncoding, ErrInvalid.
func DecodeRequest(b []byte) (*Request, error) {
	r := new(Request)
	if err := decode("request", b, r); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return r, nil
}

// VerifyRequest tells whether the gateway named in a request signed it.
func VerifyRequest(encoded []byte, gateway Key, sig Signature) bool {
	return verify(gateway, sig, labelRequest, encoded)
}

// HasLeg tells whether the number is one of its legs.
func (r *Request) HasLeg(no uint16) bool {
	for i := range r.Legs {
		if r.Legs[i].No == no {
			return true
		}
	}
	return false
}

func (r *Request) check() error {
	bad := func(reason string) error { return &InvalidError{"request", reason} }
	switch {
	case r.Version != version:
		return bad("version")
	case len(r.Room) == 0 || len(r.Room) > maxRoom:
		return bad("room")
	case len(r.Legs) == 0 || len(r.Legs) > maxLegs:
		return bad("number of legs")
	case r.NotAfter > maxInteger:
		return bad("time out of range")
	}
	for i, l := range r.Legs {
		switch {
		case l.No > maxLegNo || i > 0 && l.No <= r.Legs[i-1].No:
			return bad("leg numbers")
		case l.Kind != Phone && l.Kind != RoomSystem && l.Kind != Recorder:
			return bad("kind of a leg")
		case len(l.Label) > 64 || len(l.Number) > 32:
			return bad("text of a leg too long")
		}
	}
	return nil
}
