package sip

import "errors"

// RuleError is a cause for Dialog.Reject with words of its own for the operator, where the caller of this package knows
// better than it which rule turned a call away.
type RuleError struct {
	// Cause gives the status; see StatusOf.
	Cause error
	// Rule that decided it, in words.
	Rule string
	// Fix says what an operator would change to let such a call in.
	Fix string
}

// Error gives cause and rule.
func (e *RuleError) Error() string { return e.Cause.Error() + ": " + e.Rule }

// Unwrap gives the cause.
func (e *RuleError) Unwrap() error { return e.Cause }

// ruleOf is what is told of a refusal.
func ruleOf(cause error) (rule, fix string) {
	var own *RuleError
	if errors.As(cause, &own) {
		return own.Rule, own.Fix
	}
	return causeWords(cause), fixOf(cause)
}
