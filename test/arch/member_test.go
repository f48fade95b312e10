package arch

import (
	"slices"
	"strings"
	"testing"
)

// What can be a member of an encrypted room's group: a visitor, and the self test that visits. The program of the gateway
// holds it as another command of the same binary; nothing that serves may reach it, directly or through anything else.
const (
	memberOf = "e2ee/visitor"
	visiting = "gateway/selftest/visit"
	program  = "cmd/legroom"
)

// TestTheGatewayCannotJoinGroups: of all packages only the self test and the command line can reach a member of a group,
// and of the command line only the files of the self test.
func TestTheGatewayCannotJoinGroups(t *testing.T) {
	imports := make(map[string][]string)
	for _, p := range packages(t) {
		for _, path := range p.Imports {
			imports[local(p.ImportPath)] = append(imports[local(p.ImportPath)], local(path))
		}
	}
	if !reaches(imports, visiting, memberOf, nil) || !reaches(imports, program, memberOf, nil) {
		t.Fatalf("%s does not use %s: this test looks at nothing", visiting, memberOf)
	}
	for name := range imports {
		allowed := name == memberOf || name == visiting || name == program || strings.HasPrefix(name, "test/")
		if !allowed && reaches(imports, name, memberOf, nil) {
			t.Errorf("%s reaches %s: what serves must not be able to join a group", name, memberOf)
		}
	}
	all, _ := sources(t)
	for _, s := range all {
		imported := importNames(s.file)
		_, member := imported[memberOf]
		_, visits := imported[visiting]
		if s.dir() == program && (member || visits) && !strings.HasPrefix(s.path, program+"/selftest") {
			t.Errorf("%s joins groups: that is for the self test alone", s.path)
		}
	}
}

// reaches tells whether a package imports another, however far away.
func reaches(imports map[string][]string, from, to string, seen map[string]bool) bool {
	if seen == nil {
		seen = make(map[string]bool)
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	return slices.ContainsFunc(imports[from], func(next string) bool {
		return next == to || reaches(imports, next, to, seen)
	})
}
