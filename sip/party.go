package sip

import (
	"strings"
	"unicode/utf8"
)

// shortExtension is the longest number that is shown whole: internal extensions tell nothing about a person.
const shortExtension = 4

// Party is one end of a call as its From or To header names it. Nothing in it is proven.
type Party struct {
	// User part of the URI, unescaped; a telephone number or a name. Empty for anonymous callers.
	User string
	// Host part of the URI.
	Host string
	// Display name, may be empty.
	Display string
}

// Masked is the form of the Party that may be shown and logged: "+49 *** 4711". It shows at most the country-like
// beginning and the last four digits of a number; of a name its first letter; short extensions are shown whole.
func (p Party) Masked() string { return Mask(p.User) }

// Mask hides the middle of a number or name as Party.Masked does. A PIN behind a dot ("1000.4711") is hidden whole.
func Mask(user string) string {
	if user == "" {
		return "anonymous"
	}
	if room, _, ok := strings.Cut(user, "."); ok && digits(room) > 0 && digits(room) == len(room) {
		return Mask(room) + ".***"
	}
	if strings.Trim(user, "+0123456789*#-.() ") != "" || digits(user) == 0 {
		return maskName(user)
	}
	return maskNumber(user)
}

// maskNumber keeps a prefix only where enough is hidden behind it: about half of the digits at most are shown.
func maskNumber(user string) string {
	local, plus := strings.CutPrefix(user, "+")
	if !plus {
		local, plus = strings.CutPrefix(user, "00")
	}
	number := onlyDigits(local)
	switch n := len(number); {
	case n <= shortExtension && !plus:
		return number
	case n < 7:
		return "*** " + number[max(0, n-2):]
	case !plus || n < 11:
		return "*** " + number[n-3:]
	default:
		return "+" + number[:2] + " *** " + number[n-4:]
	}
}

func maskName(user string) string {
	r, _ := utf8.DecodeRuneInString(user)
	if r == utf8.RuneError || r < ' ' {
		return "***"
	}
	return string(r) + "***"
}

func digits(s string) int {
	n := 0
	for _, c := range []byte(s) {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

func onlyDigits(s string) string {
	b := make([]byte, 0, len(s))
	for _, c := range []byte(s) {
		if c >= '0' && c <= '9' {
			b = append(b, c)
		}
	}
	return string(b)
}
