// Package ledger keeps and proves the log of one end-to-end encrypted meeting: what the delivery service put in order,
// and what browsers vouched for with their own keys. The form is in docs/e2ee-log.md.
//
// Two kinds of proof meet in it. The server signs every line over the one before, so that nobody else can change, drop or
// add one. Commits and checkpoints are signed by leaves, so that the server cannot tell another history to the log than
// to the members. What rests on the server's word alone (times, hashes of bundles, an end that never came) the report says.
package ledger
