package prompts

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// Largest number that is spoken as itself.
const mostSpoken = 99

const (
	numberMark = "{number}"
	numberMany = "number-many"
	oneSuffix  = ".one"
)

// Texts are all texts of a language.
type Texts struct {
	// Name of the language, in itself.
	Name string `yaml:"name"`
	// Voice that speaks them: a program and what it calls the voice.
	Voice string `yaml:"voice"`
	// Texts by prompt.
	Texts map[string]string `yaml:"texts"`
	// Numbers from 0 to 19, Tens from 20 to 90, and how the two make a Compound with {tens} and {ones}.
	Numbers  []string `yaml:"numbers"`
	Tens     []string `yaml:"tens"`
	Compound string   `yaml:"compound"`
	// CompoundOne is how 1 is said in a compound, where that differs.
	CompoundOne string `yaml:"compoundOne"`
}

// ParseTexts reads a YAML file of texts. Errors: what is wrong, with line and column.
func ParseTexts(b []byte) (*Texts, error) {
	var t Texts
	if err := yaml.UnmarshalWithOptions(b, &t, yaml.DisallowUnknownField()); err != nil {
		return nil, fmt.Errorf("prompts: texts: %w", err)
	}
	if len(t.Numbers) != 0 && (len(t.Numbers) != 20 || len(t.Tens) != 8 || t.Compound == "") {
		return nil, fmt.Errorf("prompts: texts: %d numbers, %d tens: must be 20 and 8, and a compound", len(t.Numbers), len(t.Tens))
	}
	return &t, nil
}

// Number in words; above 99 the text for many.
func (t *Texts) Number(n int) string {
	switch {
	case n < 0 || n > mostSpoken:
		return t.Texts[numberMany]
	case len(t.Numbers) == 0:
		return strconv.Itoa(n)
	case n < 20:
		return t.Numbers[n]
	case n%10 == 0:
		return t.Tens[n/10-2]
	}
	ones := t.Numbers[n%10]
	if n%10 == 1 && t.CompoundOne != "" {
		ones = t.CompoundOne
	}
	return strings.NewReplacer("{tens}", t.Tens[n/10-2], "{ones}", ones).Replace(t.Compound)
}

// Spoken lists what has to be recorded for the language: the texts by the name of their file, those with a number in
// them cut in two.
func (t *Texts) Spoken() map[string]string {
	out := make(map[string]string, len(t.Texts)+mostSpoken+1)
	for id, text := range t.Texts {
		before, after, cut := strings.Cut(text, numberMark)
		if !cut {
			out[id] = text
			continue
		}
		if before = strings.TrimSpace(before); before != "" {
			out[id+".1"] = before
		}
		if after = strings.TrimSpace(after); after != "" {
			out[id+".2"] = after
		}
	}
	if len(t.Numbers) > 0 {
		for n := range mostSpoken + 1 {
			out[numberID(n)] = t.Number(n)
		}
	}
	return out
}

// text of a prompt with a number put in; empty when there is none.
func (t *Texts) text(id string, args []int) string {
	if len(args) > 0 && args[0] == 1 {
		if one, ok := t.Texts[id+oneSuffix]; ok {
			return one
		}
	}
	text := t.Texts[id]
	if len(args) > 0 {
		text = strings.ReplaceAll(text, numberMark, strconv.Itoa(args[0]))
	}
	return text
}

func numberID(n int) string {
	if n < 0 || n > mostSpoken {
		return numberMany
	}
	return "number-" + strconv.Itoa(n)
}
