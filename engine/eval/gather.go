package eval

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// gather makes v the vector of src's rows at idx. A constant stays constant, a dictionary is shared.
func (v *vector) gather(src *vector, idx []int32) error {
	n := len(idx)
	if src.konst {
		return v.gatherConst(src, n)
	}
	if src.dict != nil {
		v.reset(src.typ, 0)
		v.n, v.dict = n, src.dict
		v.codes = grow(v.codes, n)
		for i, j := range idx {
			v.codes[i] = src.codes[j]
		}
		v.gatherValid(src, idx)
		return nil
	}
	v.reset(src.typ, n)
	v.gatherValid(src, idx)
	return v.gatherValues(src, idx)
}

func (v *vector) gatherConst(src *vector, n int) error {
	v.reset(src.typ, 1)
	if src.nullConst() {
		v.setNullConst(src.typ, n)
		return nil
	}
	if err := v.gatherValues(src, []int32{0}); err != nil {
		return err
	}
	v.setConst(n)
	return nil
}

// gatherValid takes the NULLs of src's rows at idx.
func (v *vector) gatherValid(src *vector, idx []int32) {
	if src.valid == nil {
		return
	}
	v.ownValid(len(idx))
	gatherBits(v.valid, src.valid, idx)
}

func gatherBits(dst, src []uint64, idx []int32) {
	for k := range words(len(idx)) {
		part := idx[k<<6 : min(len(idx), k<<6+64)]
		var w uint64
		for b, j := range part {
			w |= src[j>>6] >> (uint(j) & 63) & 1 << uint(b)
		}
		dst[k] = w
	}
}

// gatherValues fills v, which was reset to len(idx) values, with src's values at idx.
func (v *vector) gatherValues(src *vector, idx []int32) error {
	switch s, width := shapeOf(src.typ); s {
	case bitShape:
		gatherBits(v.bits, src.bits, idx)
	case fixedShape:
		switch width {
		case 2:
			gatherFixed(values[uint16](v), values[uint16](src), idx)
		case 4:
			gatherFixed(values[uint32](v), values[uint32](src), idx)
		case 8:
			gatherFixed(values[uint64](v), values[uint64](src), idx)
		default:
			gatherFixed(values[decimal128.Num](v), values[decimal128.Num](src), idx)
		}
	case bytesShape:
		return v.gatherBytes(src, idx)
	case listShape:
		return v.gatherLists(src, idx)
	case rowShape:
		for k, f := range src.fields {
			if v.fields[k] == f {
				v.fields[k] = &vector{}
			}
			if err := v.fields[k].gather(f, idx); err != nil {
				return err
			}
		}
	}
	return nil
}

func gatherFixed[T any](dst, src []T, idx []int32) {
	dst = dst[:len(idx)]
	for i, j := range idx {
		dst[i] = src[j]
	}
}

func (v *vector) gatherBytes(src *vector, idx []int32) error {
	total := 0
	for _, j := range idx {
		total += int(src.offs[j+1] - src.offs[j])
	}
	if total > math.MaxInt32 {
		return sqlerr.New(sqlerr.ProgramLimit, "the strings of one batch exceed 2 GiB")
	}
	v.offs = grow(v.offs, len(idx)+1)
	v.data = grow(v.data, total)[:0]
	v.offs[0] = 0
	for i, j := range idx {
		v.data = append(v.data, src.data[src.offs[j]:src.offs[j+1]]...)
		v.offs[i+1] = int32(len(v.data))
	}
	return nil
}

func (v *vector) gatherLists(src *vector, idx []int32) error {
	var elems []int32
	v.offs = append(v.offs[:0], 0)
	for _, j := range idx {
		for e := src.offs[j]; e < src.offs[j+1]; e++ {
			elems = append(elems, e)
		}
		v.offs = append(v.offs, int32(len(elems)))
	}
	all, err := src.elems.plain()
	if err != nil {
		return err
	}
	return v.elems.gather(all, elems)
}

// decode is v without a dictionary: v itself, or the values in scratch that belongs to v.
func (v *vector) decode() (*vector, error) {
	if v.dict == nil {
		return v, nil
	}
	if v.flat == nil {
		v.flat = &vector{}
	}
	f := v.flat
	if err := f.gather(v.dict, v.codes); err != nil {
		return nil, err
	}
	f.andValid(v)
	return f, nil
}

// andValid adds the NULLs of o's own bitmap; both have as many rows.
func (v *vector) andValid(o *vector) {
	if o.valid == nil {
		return
	}
	v.ownValid(v.n)
	for i := range words(v.n) {
		v.valid[i] &= o.valid[i]
	}
}

// plain is v as n plain values: v itself, unless it is a constant or a dictionary.
func (v *vector) plain() (*vector, error) {
	if !v.konst {
		return v.decode()
	}
	w := &vector{}
	w.reset(v.typ, v.n)
	if err := w.gatherValues(v, make([]int32, v.n)); err != nil {
		return nil, err
	}
	if v.nullConst() {
		w.ownValid(v.n)
		clear(w.valid)
	}
	return w, nil
}

// concat appends the rows of parts, plain or constant (one value), into v as one vector of plain values.
func (v *vector) concat(t *types.Type, parts []*vector) error {
	n := 0
	for _, p := range parts {
		n += p.count()
	}
	v.reset(t, n)
	at := 0
	for _, p := range parts {
		k := p.count()
		if p.valid != nil {
			for i := range k {
				if !bitAt(p.valid, i) {
					v.setNull(at + i)
				}
			}
		}
		v.copyAt(at, p, k)
		at += k
	}
	switch s, _ := shapeOf(t); s {
	case listShape:
		elems := make([]*vector, len(parts))
		for i, p := range parts {
			w, err := p.elemWindow()
			if err != nil {
				return err
			}
			elems[i] = w
		}
		return v.elems.concat(t.Elem, elems)
	case rowShape:
		for f := range t.Fields {
			fs := make([]*vector, len(parts))
			for i, p := range parts {
				d, err := p.fields[f].plain()
				if err != nil {
					return err
				}
				fs[i] = d
			}
			if err := v.fields[f].concat(t.Fields[f].Type, fs); err != nil {
				return err
			}
		}
	}
	if len(v.data) > math.MaxInt32 {
		return sqlerr.New(sqlerr.ProgramLimit, "the strings of one batch exceed 2 GiB")
	}
	return nil
}

// elemWindow is the part of a list vector's elements that its offsets cover.
func (v *vector) elemWindow() (*vector, error) {
	first, last := v.offs[0], v.offs[v.count()]
	idx := make([]int32, 0, last-first)
	for e := first; e < last; e++ {
		idx = append(idx, e)
	}
	all, err := v.elems.plain()
	if err != nil {
		return nil, err
	}
	w := &vector{}
	return w, w.gather(all, idx)
}

// copyAt copies the first k values of p to position at, for the shapes whose values lie in one buffer.
func (v *vector) copyAt(at int, p *vector, k int) {
	switch s, width := shapeOf(v.typ); s {
	case bitShape:
		for i := range k {
			setBit(v.bits, at+i, bitAt(p.bits, i))
		}
	case fixedShape:
		copy(v.fixed[at*width:], p.fixed[:k*width])
	case bytesShape:
		base := int32(len(v.data)) - p.offs[0]
		v.data = append(v.data, p.data[p.offs[0]:p.offs[k]]...)
		for _, o := range p.offs[1 : k+1] {
			v.offs = append(v.offs, base+o)
		}
	case listShape:
		base := v.offs[len(v.offs)-1] - p.offs[0]
		for _, o := range p.offs[1 : k+1] {
			v.offs = append(v.offs, base+o)
		}
	}
}
