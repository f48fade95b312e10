// Package trial is what an operator tries a gateway with: a test call that reports what it heard, and the answer to a
// session description with the reason of every line.
package trial
