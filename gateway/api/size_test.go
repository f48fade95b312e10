package api

import (
	"encoding/base64"
	"testing"

	"legroom/e2ee/delivery"
)

// TestLongestCommitFits: whatever the delivery service would take comes through the connection. The rest of a message is
// names and a number, and a base64 that is filled up for each part.
func TestLongestCommitFits(t *testing.T) {
	const around = 1 << 10
	if longest := base64.StdEncoding.EncodedLen(delivery.MaxSubmission) + around; longest > MaxMessageBytes {
		t.Errorf("a message of %d bytes for a commit, %d are taken", longest, MaxMessageBytes)
	}
}
