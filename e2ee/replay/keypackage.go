package replay

import (
	"fmt"

	"legroom/e2ee"
)

// Numbers of RFC 9420: sections 17.1 (suites) and 6 (versions and wire formats).
const (
	mls10          = 1
	suite1         = 1
	wirePublic     = 1
	wireGroupInfo  = 4
	wireKeyPackage = 5
)

// keyPackage is somebody who is to be added. Source: RFC 9420 section 10.
type keyPackage struct {
	init       e2ee.Key
	leaf       *Leaf
	extensions []byte
	signature  []byte
	signed     []byte
}

func (r *reader) keyPackage() *keyPackage {
	all, k := r.Rest(), &keyPackage{}
	r.Must(r.U16() == mls10)
	r.Must(r.U16() == suite1)
	r.key(&k.init)
	k.leaf = r.leaf(sourceKeyPackage)
	k.extensions = r.Vector()
	k.signed = all[:len(all)-len(r.Rest())]
	k.signature = r.Vector()
	return k
}

// fits holds a KeyPackage by itself to rule R6.
func (k *keyPackage) fits(room string) error {
	if len(k.extensions) > 0 {
		return breaks(6, "a KeyPackage with extensions")
	}
	if err := k.leaf.fits(room); err != nil {
		return err
	}
	if !k.leaf.proven(e2ee.Group{}, 0) || !verifyWithLabel(k.leaf.Key, "KeyPackageTBS", k.signed, k.signature) {
		return breaks(6, "a KeyPackage that is not signed")
	}
	return nil
}

// Newcomer reads the KeyPackage, an MLSMessage, of who wants to be added in a room, and proves what it says of itself: that
// it is signed by its leaf key, which the identity in its credential let in. Whether it may be added is not asked.
// Errors: ErrMalformed, *RuleError.
func Newcomer(keyPackage []byte, room string) (*Leaf, error) {
	r := message(keyPackage, wireKeyPackage)
	k := r.keyPackage()
	if !r.Done() {
		return nil, fmt.Errorf("replay: key package: %w", ErrMalformed)
	}
	if err := k.fits(room); err != nil {
		return nil, err
	}
	return k.leaf, nil
}

// message reads the head of an MLSMessage. Source: RFC 9420 section 6.
func message(b []byte, wire uint16) *reader {
	r := read(b)
	r.Must(r.U16() == mls10)
	r.Must(r.U16() == wire)
	return r
}
