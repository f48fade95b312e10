package replay

// Step is what a commit did.
type Step struct {
	// Shape of the commit.
	Shape Shape
	// Sender as it was before.
	Sender Member
	// Added and Removed members.
	Added, Removed []Member
	// Path tells that it brought new secrets, sealed to members. Without one the next epoch's keys follow from this one's.
	Path bool
	// Tags for members to check.
	Tags Tags
}

// Tags show that a commit comes from a member. They need the group's secrets and are not checked here.
type Tags struct {
	// Confirmation is a MAC over the next confirmed transcript hash, by the next epoch. Source: RFC 9420 section 6.1.
	Confirmation []byte
	// Membership is a MAC over Authenticated, by the epoch before. Source: RFC 9420 section 6.2.
	Membership, Authenticated []byte
}
