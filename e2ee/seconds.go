package e2ee

import "time"

// Seconds is a moment: seconds since 1970, as it is signed.
type Seconds uint64

// SecondsOf gives the second in which t lies; what lies before 1970 is 0.
func SecondsOf(t time.Time) Seconds { return Seconds(max(0, t.Unix())) }

// Time of the moment.
func (s Seconds) Time() time.Time { return time.Unix(int64(min(s, maxInteger)), 0) }
