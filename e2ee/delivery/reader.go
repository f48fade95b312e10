package delivery

import "legroom/e2ee/mlsread"

// reader reads the structures of this package.
type reader struct{ *mlsread.Reader }

func read(b []byte) *reader { return &reader{mlsread.New(b)} }

// each calls f for the items of a vector until it is empty or broken.
func (r *reader) each(f func(items *reader)) {
	r.Each(func(items *mlsread.Reader) { f(&reader{items}) })
}
