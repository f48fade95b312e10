package compose

// MarkKind is what a Mark warns of or tells; it has a colour and an icon.
type MarkKind uint8

// Kinds of marks. The zero value is no mark.
const (
	NoMark MarkKind = iota
	// Telephone: somebody listens whose sound is in clear at the gateway.
	Telephone
	// RoomSystem: sound and pictures of the room are decrypted at the gateway.
	RoomSystem
	// NotEncrypted: the room is not end-to-end encrypted.
	NotEncrypted
	// Encrypted: the room is, and nobody is let in who is not.
	Encrypted
	// Recording: what is seen here is written down.
	Recording
)

// Mark is a security mark: a colour, an icon and words, always all three, so that it is read in a boardroom from the far
// end of the table and by those who do not see colours.
type Mark struct {
	// Kind of the mark; NoMark shows none.
	Kind MarkKind
	// Text in the language of those who look; empty gives the English words of the kind.
	Text string
}

// look of a mark: its words when it is given none, its colours and its icon.
type look struct {
	words        string
	ground, text rgb
	icon         icon
}

func (k MarkKind) look() look {
	switch k {
	case Telephone:
		return look{"Telephone: not end-to-end encrypted", amber, ink, telephoneIcon}
	case RoomSystem:
		return look{"Room system: decrypted at the gateway", darkBlue, white, roomIcon}
	case NotEncrypted:
		return look{"Not end-to-end encrypted", amber, ink, openLockIcon}
	case Encrypted:
		return look{"End-to-end encrypted", darkGreen, white, lockIcon}
	case Recording:
		return look{"Recording", darkRed, white, recordingIcon}
	default:
		return look{"Unknown state", amber, ink, openLockIcon}
	}
}

// words are what is written: never nothing.
func (m Mark) words() string {
	if clean(m.Text) == "" {
		return m.Kind.look().words
	}
	return m.Text
}
