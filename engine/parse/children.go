package parse

import "google.golang.org/protobuf/reflect/protoreflect"

// Children calls f for every node right below node, as the pointers that Node's wrappers hold, until f gives an error,
// which it returns. node is such a pointer too, or a *Node, or a *List. Walkers that treat some nodes in a way of their
// own call it for all others, as PostgreSQL's do with raw_expression_tree_walker.
func Children(node any, f func(child any) error) error {
	m, ok := node.(protoreflect.ProtoMessage)
	if !ok {
		return nil
	}
	r := m.ProtoReflect()
	if !r.IsValid() {
		return nil
	}
	var err error
	call := func(m protoreflect.Message) bool {
		if n, wrapped := m.Interface().(*Node); wrapped {
			err = Children(n, f)
		} else {
			err = f(m.Interface())
		}
		return err == nil
	}
	r.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.Kind() != protoreflect.MessageKind:
			return true
		case !fd.IsList():
			return call(v.Message())
		}
		for i, l := 0, v.List(); i < l.Len(); i++ {
			if !call(l.Get(i).Message()) {
				return false
			}
		}
		return true
	})
	return err
}
