package replay

import (
	"errors"
	"fmt"
)

// Errors of this package, for errors.Is.
var (
	// ErrMalformed tells that bytes are not the MLS structure that was asked for.
	ErrMalformed = errors.New("replay: malformed")
	// ErrFounding tells that a group does not begin as its charter says.
	ErrFounding = errors.New("replay: not founded as its charter says")
	// ErrSignature tells that a commit is not signed by the leaf that it names.
	ErrSignature = errors.New("replay: not signed by its sender")
	// ErrTree tells that a commit's path does not fit the tree.
	ErrTree = errors.New("replay: path does not fit the tree")
	// ErrRule tells that a commit breaks one of the rules R1 to R6; a *RuleError says which.
	ErrRule = errors.New("replay: breaks a rule")
)

// RuleError is a rule that a commit breaks. errors.Is(err, ErrRule) holds.
type RuleError struct {
	// Rule is 1 to 6.
	Rule int
	// Why in words; it quotes nothing of what was read.
	Why string
}

// Error names rule and reason.
func (e *RuleError) Error() string { return fmt.Sprintf("replay: rule R%d: %s", e.Rule, e.Why) }

// Is makes it an ErrRule.
func (e *RuleError) Is(target error) bool { return target == ErrRule }

func breaks(rule int, why string) error { return &RuleError{Rule: rule, Why: why} }
