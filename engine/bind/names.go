package bind

import (
	"github.com/skeinsql/skein/engine/parse"
)

// columnName is the name that PostgreSQL gives an output column without an alias (FigureColname).
func columnName(n *parse.Node) string {
	if name, _ := nameOf(n); name != "" {
		return name
	}
	return "?column?"
}

// nameOf gives a name and how sure it is: 0 none, 1 weak, 2 strong (FigureColnameInternal).
func nameOf(n *parse.Node) (string, int) {
	if n == nil {
		return "", 0
	}
	switch v := n.Node.(type) {
	case *parse.NodeColumnRef:
		if name := lastString(v.ColumnRef.Fields); name != "" {
			return name, 2
		}
	case *parse.NodeAIndirection:
		if name := lastString(v.AIndirection.Indirection); name != "" {
			return name, 2
		}
		return nameOf(v.AIndirection.Arg)
	case *parse.NodeFuncCall:
		return lastString(v.FuncCall.Funcname), 2
	case *parse.NodeAExpr:
		if v.AExpr.Kind == parse.AexprNullif {
			return "nullif", 2
		}
	case *parse.NodeTypeCast:
		if name, strength := nameOf(v.TypeCast.Arg); strength > 1 {
			return name, strength
		}
		return lastString(v.TypeCast.TypeName.GetNames()), 1
	case *parse.NodeCollateClause:
		return nameOf(v.CollateClause.Arg)
	case *parse.NodeGroupingFunc:
		return "grouping", 2
	case *parse.NodeSubLink:
		return subLinkName(v.SubLink)
	case *parse.NodeCaseExpr:
		if name, strength := nameOf(v.CaseExpr.Defresult); strength > 1 {
			return name, strength
		}
		return "case", 1
	case *parse.NodeAArrayExpr:
		return "array", 2
	case *parse.NodeRowExpr:
		return "row", 2
	case *parse.NodeCoalesceExpr:
		return "coalesce", 2
	case *parse.NodeMinMaxExpr:
		if v.MinMaxExpr.Op == parse.IsLeast {
			return "least", 2
		}
		return "greatest", 2
	case *parse.NodeSqlvalueFunction:
		return sqlValueName(v.SqlvalueFunction.Op), 2
	}
	return "", 0
}

// lastString is the last name in a list of names, subscripts and stars.
func lastString(list []*parse.Node) string {
	for i := len(list) - 1; i >= 0; i-- {
		if s := list[i].GetString_(); s != nil {
			return s.Sval
		}
	}
	return ""
}

func subLinkName(s *parse.SubLink) (string, int) {
	switch s.SubLinkType {
	case parse.ExistsSublink:
		return "exists", 2
	case parse.ArraySublink:
		return "array", 2
	case parse.ExprSublink:
		sel := s.Subselect.GetSelectStmt()
		for sel != nil && sel.Op != parse.SetopNone {
			sel = sel.Larg
		}
		if sel != nil && len(sel.TargetList) > 0 {
			t := sel.TargetList[0].GetResTarget()
			if t.Name != "" {
				return t.Name, 2
			}
			return columnName(t.Val), 2
		}
		if sel != nil && len(sel.ValuesLists) > 0 {
			return "column1", 2
		}
	}
	return "", 0
}

func sqlValueName(op parse.SQLValueFunctionOp) string {
	switch op {
	case parse.SvfopCurrentDate:
		return "current_date"
	case parse.SvfopCurrentTime, parse.SvfopCurrentTimeN:
		return "current_time"
	case parse.SvfopCurrentTimestamp, parse.SvfopCurrentTimestampN:
		return "current_timestamp"
	case parse.SvfopLocaltime, parse.SvfopLocaltimeN:
		return "localtime"
	case parse.SvfopLocaltimestamp, parse.SvfopLocaltimestampN:
		return "localtimestamp"
	case parse.SvfopCurrentRole:
		return "current_role"
	case parse.SvfopCurrentUser:
		return "current_user"
	case parse.SvfopUser:
		return "user"
	case parse.SvfopSessionUser:
		return "session_user"
	case parse.SvfopCurrentCatalog:
		return "current_catalog"
	}
	return "current_schema"
}
