package types

// The types of identifiers that are written and printed as names. Their values are those of oid.
var (
	RegclassT     = scalar(OID, 2205, "regclass")
	RegtypeT      = scalar(OID, 2206, "regtype")
	RegnamespaceT = scalar(OID, 4089, "regnamespace")
)

func init() {
	for _, t := range []*Type{RegclassT, RegtypeT, RegnamespaceT} {
		register(t)
	}
}

// IsRegistered says whether t's values are identifiers that are printed as names.
func (t *Type) IsRegistered() bool { return t.Kind == OID && t.OID != OIDT.OID }

// Printed is the type of result columns that hold the names which values of t, a registered type, are printed as: text
// that clients see under t's own name.
func (t *Type) Printed() *Type { return scalar(Text, t.OID, t.Name) }
