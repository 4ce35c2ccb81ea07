package types

import "strings"

// Domain is a named restriction of a type. It is immutable.
type Domain struct {
	// Name is the qualified name at its source.
	Name string
	// NotNull says that the domain refuses NULL.
	NotNull bool
	// Checks are the domain's own constraints in the order in which they are checked (by name).
	Checks []Check
	// Over is the domain that this one is made over, whose constraints hold too and come first; nil when it is over a plain type.
	Over *Domain
}

// Check is a CHECK constraint: a condition in SQL in which VALUE stands for what is checked.
type Check struct{ Name, Condition string }

// Constrained says whether the domain or one below it refuses values.
func (d *Domain) Constrained() bool {
	return d != nil && (d.NotNull || len(d.Checks) > 0 || d.Over.Constrained())
}

// WithDomain is t as the type of a domain over it; nil gives the bare type.
func (t *Type) WithDomain(d *Domain) *Type {
	if t == nil || t.Domain == d {
		return t
	}
	c := *t
	c.Domain = d
	return &c
}

// SameDomain says whether a and b, which are [Same], are of one domain, or of none both.
func SameDomain(a, b *Type) bool {
	if a.Domain == nil || b.Domain == nil {
		return a.Domain == b.Domain
	}
	return a.Domain.Name == b.Domain.Name
}

// Named is the name that the type is declared by: the domain's where it is one, else as [Type.String] without modifier.
func (t *Type) Named() string {
	switch {
	case t.Domain != nil:
		return t.Domain.Name
	case t.Kind == Array:
		return t.Elem.Named() + "[]"
	case t.Kind == Opaque:
		if schema, elem, ok := strings.Cut(t.Name, "._"); ok { // an array of what the engine has no arrays of
			return schema + "." + elem + "[]"
		}
	}
	return t.WithMod(-1).String()
}

// firstOwnOID is the first identifier of what is not PostgreSQL's own (FirstNormalObjectId).
const firstOwnOID = 16384

// BuiltIn says whether t and what it is made of have PostgreSQL's own identity.
func (t *Type) BuiltIn() bool {
	return t.Domain == nil && t.OID != 0 && t.OID < firstOwnOID && (t.Kind != Array || t.Elem.BuiltIn())
}

// RefusesNull says whether the domain or one below it is NOT NULL.
func (d *Domain) RefusesNull() bool { return d != nil && (d.NotNull || d.Over.RefusesNull()) }

// Chain are the domains below d and d itself, in the order in which their constraints are checked.
func (d *Domain) Chain() []*Domain {
	if d == nil {
		return nil
	}
	return append(d.Over.Chain(), d)
}

// PassesNull says whether NULL is known to pass all constraints: none of them speaks of NULL, so that each is NULL for it.
func (d *Domain) PassesNull() bool {
	for _, x := range d.Chain() {
		if x.NotNull {
			return false
		}
		for _, k := range x.Checks {
			if upper := strings.ToUpper(k.Condition); strings.Contains(upper, "NULL") || strings.Contains(upper, "COALESCE") ||
				strings.Contains(upper, " IS ") || strings.Contains(upper, "CASE") {
				return false
			}
		}
	}
	return true
}
