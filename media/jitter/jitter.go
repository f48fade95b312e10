// Package jitter makes an even stream out of what a network delivers: Reorder puts packets back into their order without
// a timer, Playout hands decoded sound to a clock with as little delay as the network allows.
package jitter
