package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// failureCost is how many messages' worth of its allowance wrong credentials cost a source, so that guessing is slow.
const failureCost = 50

// access decides who may call: first the networks, then digest users.
type access struct {
	allow []netip.Prefix
	auth  *authenticator
	users bool
	limit *limiter
}

func newAccess(c AccessConfig, l *limiter) *access {
	return &access{allow: c.Allow, auth: newAuthenticator(c.Realm, c.Users), users: len(c.Users) > 0, limit: l}
}

// permit is what access found.
type permit struct {
	// user who proved who they are; empty where the network was enough.
	user string
	// err is nil when the call may go on; ErrForbidden, ErrUnauthorized or errStale.
	err error
	// first tells that no credentials came at all: the ordinary start of a digest call, no refusal.
	first bool
	// rule and fix are the words for an operator.
	rule, fix string
}

// check a request of method from src that brought the Authorization values in headers.
func (a *access) check(src netip.Addr, method string, headers []string, now time.Time) permit {
	src = src.Unmap().WithZone("")
	if within(a.allow, src) {
		return permit{}
	}
	if !a.users {
		return permit{
			err:  ErrForbidden,
			rule: fmt.Sprintf("source %s is in none of the networks of access.allow and there are no digest users", src),
			fix:  fmt.Sprintf("add %s to access.allow, or add a user to access.users", netip.PrefixFrom(src, src.BitLen())),
		}
	}
	return a.checkUser(src, method, headers, now)
}

func (a *access) checkUser(src netip.Addr, method string, headers []string, now time.Time) permit {
	best := permit{err: ErrUnauthorized, first: len(headers) == 0}
	for _, h := range headers {
		user, err := a.auth.verify(method, h, now)
		if err == nil {
			return permit{user: user}
		}
		best.err = err
	}
	if best.first {
		return best
	}
	if errors.Is(best.err, ErrUnauthorized) {
		a.limit.take(src, failureCost, now)
	}
	best.rule = fmt.Sprintf("source %s is in none of the networks of access.allow and its digest credentials are wrong", src)
	best.fix = "check name, password and realm of the caller against access.users and access.realm"
	return best
}
