// Package e2ee is the gateway's part in an end-to-end encrypted room. Browsers form an MLS group (RFC 9420); the gateway
// is no member of it. It can only be granted single kinds of media, by a policy that every member holds in its group
// state, and gets their keys epoch by epoch in bundles that a host seals to it (HPKE, RFC 9180).
//
// The walk: an Identity asks (LiveRequest); a Policy that holds the request becomes a Grant; a Grant takes bundles and
// gives an Opener for each kind in its scope and a Sealer for each kind that it may speak. There is no other way to
// opened media: no exported function takes a key. When a Grant ends, its keys are gone at once.
//
// The form of everything that is signed or sealed is written in testdata/README.md, which the browser's tests share.
package e2ee
