package gateway

import (
	"net/netip"
	"sync/atomic"

	"legroom/gateway/api"
	"legroom/rooms"
)

// door is where browsers come in by their links.
type door struct {
	rooms     *rooms.Registry
	directory *directory
	guard     *guard
	draining  *atomic.Bool
	phoneURI  func(number string) string
}

// Open checks a link. A room that does not exist is a wrong link like any other.
func (d *door) Open(number, key string, source netip.Addr) (api.Entrance, error) {
	if d.draining.Load() {
		return api.Entrance{}, api.ErrDraining
	}
	if d.guard.linkSpent(source) {
		return api.Entrance{}, api.ErrThrottled
	}
	role, ok := d.directory.checkKey(number, key)
	if !ok {
		d.guard.wrongLink(source)
		return api.Entrance{}, api.ErrBadLink
	}
	room, err := d.rooms.Room(number)
	if err != nil {
		return api.Entrance{}, err
	}
	entrance := api.Entrance{Room: room, Role: role, Phone: api.PhoneAccess{URI: d.phoneURI(number)}}
	if e, ok := d.directory.find(number); ok && role == rooms.Host {
		entrance.Phone.PIN, entrance.GuestKey = e.secrets.PIN, "g."+e.secrets.GuestSecret
	}
	return entrance, nil
}

var _ api.Door = (*door)(nil)
