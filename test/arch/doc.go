// Package arch holds the rules that no compiler knows: who may import whom, where cgo and foreign types may be, how
// large things get, what must be said of an export and what must not be said anywhere. It is all tests.
package arch
