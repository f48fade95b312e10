// Package menu is the voice menu: what a caller hears and what its keys do, from the first ring to the last word.
//
// It is one pure function, Reduce(state, event) (state, actions). There is no goroutine, no clock and no input or output
// in it: whoever runs it plays the prompts, asks about rooms and PINs, keeps the one timer, and hands back what came of it.
// Source: design, "A call, as the caller lives it".
package menu
