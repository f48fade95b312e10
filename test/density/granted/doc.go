// Package granted measures what a leg costs that gets an encrypted room's pictures opened, beside one that gets those of
// an open room as they are.
package granted
