package delivery

// Parse reads bytes as everything that they could be. It tells whether they were something.
func Parse(b []byte) bool {
	_, errCommit := parseCommit(b)
	_, errKeyPackage := parseKeyPackage(b)
	_, errWelcome := parseWelcome(b)
	_, errInfo := parseGroupInfo(b)
	_, errPrivate := parsePrivate(b)
	for _, err := range []error{errCommit, errKeyPackage, errWelcome, errInfo, errPrivate} {
		if err == nil {
			return true
		}
	}
	return false
}

// MaxAdds and the leaves bound what a commit can hold.
const (
	MaxAdds   = maxAdds
	MaxLeaves = maxLeaves
)

// Counts gives how many a commit adds and removes, and of which epoch it is.
func Counts(b []byte) (adds, removes int, epoch uint64, err error) {
	c, err := parseCommit(b)
	if err != nil {
		return 0, 0, 0, err
	}
	return len(c.adds), len(c.removes), c.epoch, nil
}

// SpendAsGuest counts a commit of one who is no host, as if it had been taken.
func (m *Meeting) SpendAsGuest(who Member) { m.spendAsGuest(who, m.cfg.Now()) }
