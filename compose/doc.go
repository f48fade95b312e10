// Package compose makes one picture out of many, for receivers that take one: room systems, and recordings. Pictures go
// into a Slot each, a Compositor puts the slots into a Layout and draws their names, states and security marks on them;
// while nobody is to be seen it shows a Card. It has no clock and starts no goroutine: who owns a Compositor steps it.
//
// Samples are limited range. Colours that are drawn here are BT.709 on canvases of 720 rows and more and BT.601 on smaller
// ones, which is what receivers take a stream for that does not say; pictures of others go through as they came.
package compose
