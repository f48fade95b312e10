// Package meeting is the encrypted side of a room inside the gateway. A Meeting passes on what browsers say to the delivery
// service of their MLS group, lets into the room whom the group let in, and asks its hosts for the legs of this gateway.
//
// It holds no key of the group. What a grant gives it goes to the room, and ends with the grant.
//
// A Meeting has one lock, which is taken after those of the gateway and before that of the room. What has to be said or done
// to others is found under it and done behind it, in the order in which it was found (see outbox).
package meeting
