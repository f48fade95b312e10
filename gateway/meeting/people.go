package meeting

import (
	"legroom/e2ee"
	"legroom/rooms"
)

// person is what a Meeting asks of somebody in the room and does to him. None of it is called under the lock of a Meeting,
// apart from ID and Role.
type person interface {
	placed
	ID() string
	Role() rooms.Role
	Leave(cause error)
}

// placed is what follows for somebody from the group.
type placed interface {
	SetSender(*rooms.Sender)
	SetRole(rooms.Role)
	LetIn() error
	PutBack()
}

// space is the room of a Meeting. Grant is not called under its lock.
type space interface {
	Number() string
	Policy() rooms.Policy
	Grant(*e2ee.Grant)
}

var (
	_ person = (*rooms.Participant)(nil)
	_ space  = (*rooms.Room)(nil)
)
