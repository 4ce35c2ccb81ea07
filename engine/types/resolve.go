package types

// Resolve is the built-in type of PostgreSQL's internal name with the modifiers written behind it ("numeric", [15, 2]),
// nil when there is no such type. Bad modifiers give ok false.
func Resolve(name string, mods []int32) (t *Type, ok bool) {
	t = ByName(name)
	if t == nil || len(mods) == 0 {
		return t, true
	}
	switch t.Kind {
	case Numeric:
		scale := int32(0)
		if len(mods) == 2 {
			scale = mods[1]
		}
		if len(mods) > 2 || mods[0] < 1 || mods[0] > 1000 || scale < -1000 || scale > 1000 {
			return nil, false
		}
		return NumericOf(mods[0], scale), true
	case Varchar, Bpchar:
		if len(mods) != 1 || mods[0] < 1 || mods[0] > 10485760 {
			return nil, false
		}
		return t.WithMod(mods[0] + 4), true
	case Bit:
		if len(mods) != 1 || mods[0] < 1 {
			return nil, false
		}
		return t.WithMod(mods[0]), true
	case Time, TimeTZ, Timestamp, TimestampTZ:
		if len(mods) != 1 || mods[0] < 0 {
			return nil, false
		}
		return t.WithMod(min(mods[0], 6)), true
	case Interval:
		// Fields and precision restrict what is stored, which a catalog's column does not do.
		return t, true
	}
	return nil, false
}
