package parse

import pg_query "github.com/pganalyze/pg_query_go/v6"

// The values of the tree's enumerations, under the names of PostgreSQL's parsenodes.h in camel case.
const (
	SetopNone      = pg_query.SetOperation_SETOP_NONE
	SetopUnion     = pg_query.SetOperation_SETOP_UNION
	SetopIntersect = pg_query.SetOperation_SETOP_INTERSECT
	SetopExcept    = pg_query.SetOperation_SETOP_EXCEPT

	ExistsSublink     = pg_query.SubLinkType_EXISTS_SUBLINK
	AllSublink        = pg_query.SubLinkType_ALL_SUBLINK
	AnySublink        = pg_query.SubLinkType_ANY_SUBLINK
	RowcompareSublink = pg_query.SubLinkType_ROWCOMPARE_SUBLINK
	ExprSublink       = pg_query.SubLinkType_EXPR_SUBLINK
	MultiexprSublink  = pg_query.SubLinkType_MULTIEXPR_SUBLINK
	ArraySublink      = pg_query.SubLinkType_ARRAY_SUBLINK
	CteSublink        = pg_query.SubLinkType_CTE_SUBLINK

	AexprOp            = pg_query.A_Expr_Kind_AEXPR_OP
	AexprOpAny         = pg_query.A_Expr_Kind_AEXPR_OP_ANY
	AexprOpAll         = pg_query.A_Expr_Kind_AEXPR_OP_ALL
	AexprDistinct      = pg_query.A_Expr_Kind_AEXPR_DISTINCT
	AexprNotDistinct   = pg_query.A_Expr_Kind_AEXPR_NOT_DISTINCT
	AexprNullif        = pg_query.A_Expr_Kind_AEXPR_NULLIF
	AexprIn            = pg_query.A_Expr_Kind_AEXPR_IN
	AexprLike          = pg_query.A_Expr_Kind_AEXPR_LIKE
	AexprIlike         = pg_query.A_Expr_Kind_AEXPR_ILIKE
	AexprSimilar       = pg_query.A_Expr_Kind_AEXPR_SIMILAR
	AexprBetween       = pg_query.A_Expr_Kind_AEXPR_BETWEEN
	AexprNotBetween    = pg_query.A_Expr_Kind_AEXPR_NOT_BETWEEN
	AexprBetweenSym    = pg_query.A_Expr_Kind_AEXPR_BETWEEN_SYM
	AexprNotBetweenSym = pg_query.A_Expr_Kind_AEXPR_NOT_BETWEEN_SYM

	AndExpr = pg_query.BoolExprType_AND_EXPR
	OrExpr  = pg_query.BoolExprType_OR_EXPR
	NotExpr = pg_query.BoolExprType_NOT_EXPR

	IsNull    = pg_query.NullTestType_IS_NULL
	IsNotNull = pg_query.NullTestType_IS_NOT_NULL

	IsTrue       = pg_query.BoolTestType_IS_TRUE
	IsNotTrue    = pg_query.BoolTestType_IS_NOT_TRUE
	IsFalse      = pg_query.BoolTestType_IS_FALSE
	IsNotFalse   = pg_query.BoolTestType_IS_NOT_FALSE
	IsUnknown    = pg_query.BoolTestType_IS_UNKNOWN
	IsNotUnknown = pg_query.BoolTestType_IS_NOT_UNKNOWN

	IsGreatest = pg_query.MinMaxOp_IS_GREATEST
	IsLeast    = pg_query.MinMaxOp_IS_LEAST

	SvfopCurrentDate       = pg_query.SQLValueFunctionOp_SVFOP_CURRENT_DATE
	SvfopCurrentTime       = pg_query.SQLValueFunctionOp_SVFOP_CURRENT_TIME
	SvfopCurrentTimeN      = pg_query.SQLValueFunctionOp_SVFOP_CURRENT_TIME_N
	SvfopCurrentTimestamp  = pg_query.SQLValueFunctionOp_SVFOP_CURRENT_TIMESTAMP
	SvfopCurrentTimestampN = pg_query.SQLValueFunctionOp_SVFOP_CURRENT_TIMESTAMP_N
	SvfopLocaltime         = pg_query.SQLValueFunctionOp_SVFOP_LOCALTIME
	SvfopLocaltimeN        = pg_query.SQLValueFunctionOp_SVFOP_LOCALTIME_N
	SvfopLocaltimestamp    = pg_query.SQLValueFunctionOp_SVFOP_LOCALTIMESTAMP
	SvfopLocaltimestampN   = pg_query.SQLValueFunctionOp_SVFOP_LOCALTIMESTAMP_N
	SvfopCurrentRole       = pg_query.SQLValueFunctionOp_SVFOP_CURRENT_ROLE
	SvfopCurrentUser       = pg_query.SQLValueFunctionOp_SVFOP_CURRENT_USER
	SvfopUser              = pg_query.SQLValueFunctionOp_SVFOP_USER
	SvfopSessionUser       = pg_query.SQLValueFunctionOp_SVFOP_SESSION_USER
	SvfopCurrentCatalog    = pg_query.SQLValueFunctionOp_SVFOP_CURRENT_CATALOG
	SvfopCurrentSchema     = pg_query.SQLValueFunctionOp_SVFOP_CURRENT_SCHEMA

	JoinInner       = pg_query.JoinType_JOIN_INNER
	JoinLeft        = pg_query.JoinType_JOIN_LEFT
	JoinFull        = pg_query.JoinType_JOIN_FULL
	JoinRight       = pg_query.JoinType_JOIN_RIGHT
	JoinSemi        = pg_query.JoinType_JOIN_SEMI
	JoinAnti        = pg_query.JoinType_JOIN_ANTI
	JoinRightAnti   = pg_query.JoinType_JOIN_RIGHT_ANTI
	JoinUniqueOuter = pg_query.JoinType_JOIN_UNIQUE_OUTER
	JoinUniqueInner = pg_query.JoinType_JOIN_UNIQUE_INNER

	SortbyDefault = pg_query.SortByDir_SORTBY_DEFAULT
	SortbyAsc     = pg_query.SortByDir_SORTBY_ASC
	SortbyDesc    = pg_query.SortByDir_SORTBY_DESC
	SortbyUsing   = pg_query.SortByDir_SORTBY_USING

	SortbyNullsDefault = pg_query.SortByNulls_SORTBY_NULLS_DEFAULT
	SortbyNullsFirst   = pg_query.SortByNulls_SORTBY_NULLS_FIRST
	SortbyNullsLast    = pg_query.SortByNulls_SORTBY_NULLS_LAST

	GroupingSetEmpty  = pg_query.GroupingSetKind_GROUPING_SET_EMPTY
	GroupingSetSimple = pg_query.GroupingSetKind_GROUPING_SET_SIMPLE
	GroupingSetRollup = pg_query.GroupingSetKind_GROUPING_SET_ROLLUP
	GroupingSetCube   = pg_query.GroupingSetKind_GROUPING_SET_CUBE
	GroupingSetSets   = pg_query.GroupingSetKind_GROUPING_SET_SETS

	LimitOptionDefault  = pg_query.LimitOption_LIMIT_OPTION_DEFAULT
	LimitOptionCount    = pg_query.LimitOption_LIMIT_OPTION_COUNT
	LimitOptionWithTies = pg_query.LimitOption_LIMIT_OPTION_WITH_TIES

	CTEMaterializeDefault = pg_query.CTEMaterialize_CTEMaterializeDefault
	CTEMaterializeAlways  = pg_query.CTEMaterialize_CTEMaterializeAlways
	CTEMaterializeNever   = pg_query.CTEMaterialize_CTEMaterializeNever

	CoerceExplicitCall = pg_query.CoercionForm_COERCE_EXPLICIT_CALL
	CoerceExplicitCast = pg_query.CoercionForm_COERCE_EXPLICIT_CAST
	CoerceImplicitCast = pg_query.CoercionForm_COERCE_IMPLICIT_CAST
	CoerceSqlSyntax    = pg_query.CoercionForm_COERCE_SQL_SYNTAX

	DefelemUnspec = pg_query.DefElemAction_DEFELEM_UNSPEC
	DefelemSet    = pg_query.DefElemAction_DEFELEM_SET
	DefelemAdd    = pg_query.DefElemAction_DEFELEM_ADD
	DefelemDrop   = pg_query.DefElemAction_DEFELEM_DROP

	TransStmtBegin            = pg_query.TransactionStmtKind_TRANS_STMT_BEGIN
	TransStmtStart            = pg_query.TransactionStmtKind_TRANS_STMT_START
	TransStmtCommit           = pg_query.TransactionStmtKind_TRANS_STMT_COMMIT
	TransStmtRollback         = pg_query.TransactionStmtKind_TRANS_STMT_ROLLBACK
	TransStmtSavepoint        = pg_query.TransactionStmtKind_TRANS_STMT_SAVEPOINT
	TransStmtRelease          = pg_query.TransactionStmtKind_TRANS_STMT_RELEASE
	TransStmtRollbackTo       = pg_query.TransactionStmtKind_TRANS_STMT_ROLLBACK_TO
	TransStmtPrepare          = pg_query.TransactionStmtKind_TRANS_STMT_PREPARE
	TransStmtCommitPrepared   = pg_query.TransactionStmtKind_TRANS_STMT_COMMIT_PREPARED
	TransStmtRollbackPrepared = pg_query.TransactionStmtKind_TRANS_STMT_ROLLBACK_PREPARED

	VarSetValue   = pg_query.VariableSetKind_VAR_SET_VALUE
	VarSetDefault = pg_query.VariableSetKind_VAR_SET_DEFAULT
	VarSetCurrent = pg_query.VariableSetKind_VAR_SET_CURRENT
	VarSetMulti   = pg_query.VariableSetKind_VAR_SET_MULTI
	VarReset      = pg_query.VariableSetKind_VAR_RESET
	VarResetAll   = pg_query.VariableSetKind_VAR_RESET_ALL

	ObjectAccessMethod         = pg_query.ObjectType_OBJECT_ACCESS_METHOD
	ObjectAggregate            = pg_query.ObjectType_OBJECT_AGGREGATE
	ObjectAmop                 = pg_query.ObjectType_OBJECT_AMOP
	ObjectAmproc               = pg_query.ObjectType_OBJECT_AMPROC
	ObjectAttribute            = pg_query.ObjectType_OBJECT_ATTRIBUTE
	ObjectCast                 = pg_query.ObjectType_OBJECT_CAST
	ObjectColumn               = pg_query.ObjectType_OBJECT_COLUMN
	ObjectCollation            = pg_query.ObjectType_OBJECT_COLLATION
	ObjectConversion           = pg_query.ObjectType_OBJECT_CONVERSION
	ObjectDatabase             = pg_query.ObjectType_OBJECT_DATABASE
	ObjectDefault              = pg_query.ObjectType_OBJECT_DEFAULT
	ObjectDefacl               = pg_query.ObjectType_OBJECT_DEFACL
	ObjectDomain               = pg_query.ObjectType_OBJECT_DOMAIN
	ObjectDomconstraint        = pg_query.ObjectType_OBJECT_DOMCONSTRAINT
	ObjectEventTrigger         = pg_query.ObjectType_OBJECT_EVENT_TRIGGER
	ObjectExtension            = pg_query.ObjectType_OBJECT_EXTENSION
	ObjectFdw                  = pg_query.ObjectType_OBJECT_FDW
	ObjectForeignServer        = pg_query.ObjectType_OBJECT_FOREIGN_SERVER
	ObjectForeignTable         = pg_query.ObjectType_OBJECT_FOREIGN_TABLE
	ObjectFunction             = pg_query.ObjectType_OBJECT_FUNCTION
	ObjectIndex                = pg_query.ObjectType_OBJECT_INDEX
	ObjectLanguage             = pg_query.ObjectType_OBJECT_LANGUAGE
	ObjectLargeobject          = pg_query.ObjectType_OBJECT_LARGEOBJECT
	ObjectMatview              = pg_query.ObjectType_OBJECT_MATVIEW
	ObjectOpclass              = pg_query.ObjectType_OBJECT_OPCLASS
	ObjectOperator             = pg_query.ObjectType_OBJECT_OPERATOR
	ObjectOpfamily             = pg_query.ObjectType_OBJECT_OPFAMILY
	ObjectParameterAcl         = pg_query.ObjectType_OBJECT_PARAMETER_ACL
	ObjectPolicy               = pg_query.ObjectType_OBJECT_POLICY
	ObjectProcedure            = pg_query.ObjectType_OBJECT_PROCEDURE
	ObjectPublication          = pg_query.ObjectType_OBJECT_PUBLICATION
	ObjectPublicationNamespace = pg_query.ObjectType_OBJECT_PUBLICATION_NAMESPACE
	ObjectPublicationRel       = pg_query.ObjectType_OBJECT_PUBLICATION_REL
	ObjectRole                 = pg_query.ObjectType_OBJECT_ROLE
	ObjectRoutine              = pg_query.ObjectType_OBJECT_ROUTINE
	ObjectRule                 = pg_query.ObjectType_OBJECT_RULE
	ObjectSchema               = pg_query.ObjectType_OBJECT_SCHEMA
	ObjectSequence             = pg_query.ObjectType_OBJECT_SEQUENCE
	ObjectSubscription         = pg_query.ObjectType_OBJECT_SUBSCRIPTION
	ObjectStatisticExt         = pg_query.ObjectType_OBJECT_STATISTIC_EXT
	ObjectTabconstraint        = pg_query.ObjectType_OBJECT_TABCONSTRAINT
	ObjectTable                = pg_query.ObjectType_OBJECT_TABLE
	ObjectTablespace           = pg_query.ObjectType_OBJECT_TABLESPACE
	ObjectTransform            = pg_query.ObjectType_OBJECT_TRANSFORM
	ObjectTrigger              = pg_query.ObjectType_OBJECT_TRIGGER
	ObjectTsconfiguration      = pg_query.ObjectType_OBJECT_TSCONFIGURATION
	ObjectTsdictionary         = pg_query.ObjectType_OBJECT_TSDICTIONARY
	ObjectTsparser             = pg_query.ObjectType_OBJECT_TSPARSER
	ObjectTstemplate           = pg_query.ObjectType_OBJECT_TSTEMPLATE
	ObjectTypeType             = pg_query.ObjectType_OBJECT_TYPE
	ObjectUserMapping          = pg_query.ObjectType_OBJECT_USER_MAPPING
	ObjectView                 = pg_query.ObjectType_OBJECT_VIEW

	ATAddColumn                 = pg_query.AlterTableType_AT_AddColumn
	ATAddColumnToView           = pg_query.AlterTableType_AT_AddColumnToView
	ATColumnDefault             = pg_query.AlterTableType_AT_ColumnDefault
	ATCookedColumnDefault       = pg_query.AlterTableType_AT_CookedColumnDefault
	ATDropNotNull               = pg_query.AlterTableType_AT_DropNotNull
	ATSetNotNull                = pg_query.AlterTableType_AT_SetNotNull
	ATSetExpression             = pg_query.AlterTableType_AT_SetExpression
	ATDropExpression            = pg_query.AlterTableType_AT_DropExpression
	ATCheckNotNull              = pg_query.AlterTableType_AT_CheckNotNull
	ATSetStatistics             = pg_query.AlterTableType_AT_SetStatistics
	ATSetOptions                = pg_query.AlterTableType_AT_SetOptions
	ATResetOptions              = pg_query.AlterTableType_AT_ResetOptions
	ATSetStorage                = pg_query.AlterTableType_AT_SetStorage
	ATSetCompression            = pg_query.AlterTableType_AT_SetCompression
	ATDropColumn                = pg_query.AlterTableType_AT_DropColumn
	ATAddIndex                  = pg_query.AlterTableType_AT_AddIndex
	ATReAddIndex                = pg_query.AlterTableType_AT_ReAddIndex
	ATAddConstraint             = pg_query.AlterTableType_AT_AddConstraint
	ATReAddConstraint           = pg_query.AlterTableType_AT_ReAddConstraint
	ATReAddDomainConstraint     = pg_query.AlterTableType_AT_ReAddDomainConstraint
	ATAlterConstraint           = pg_query.AlterTableType_AT_AlterConstraint
	ATValidateConstraint        = pg_query.AlterTableType_AT_ValidateConstraint
	ATAddIndexConstraint        = pg_query.AlterTableType_AT_AddIndexConstraint
	ATDropConstraint            = pg_query.AlterTableType_AT_DropConstraint
	ATReAddComment              = pg_query.AlterTableType_AT_ReAddComment
	ATAlterColumnType           = pg_query.AlterTableType_AT_AlterColumnType
	ATAlterColumnGenericOptions = pg_query.AlterTableType_AT_AlterColumnGenericOptions
	ATChangeOwner               = pg_query.AlterTableType_AT_ChangeOwner
	ATClusterOn                 = pg_query.AlterTableType_AT_ClusterOn
	ATDropCluster               = pg_query.AlterTableType_AT_DropCluster
	ATSetLogged                 = pg_query.AlterTableType_AT_SetLogged
	ATSetUnLogged               = pg_query.AlterTableType_AT_SetUnLogged
	ATDropOids                  = pg_query.AlterTableType_AT_DropOids
	ATSetAccessMethod           = pg_query.AlterTableType_AT_SetAccessMethod
	ATSetTableSpace             = pg_query.AlterTableType_AT_SetTableSpace
	ATSetRelOptions             = pg_query.AlterTableType_AT_SetRelOptions
	ATResetRelOptions           = pg_query.AlterTableType_AT_ResetRelOptions
	ATReplaceRelOptions         = pg_query.AlterTableType_AT_ReplaceRelOptions
	ATEnableTrig                = pg_query.AlterTableType_AT_EnableTrig
	ATEnableAlwaysTrig          = pg_query.AlterTableType_AT_EnableAlwaysTrig
	ATEnableReplicaTrig         = pg_query.AlterTableType_AT_EnableReplicaTrig
	ATDisableTrig               = pg_query.AlterTableType_AT_DisableTrig
	ATEnableTrigAll             = pg_query.AlterTableType_AT_EnableTrigAll
	ATDisableTrigAll            = pg_query.AlterTableType_AT_DisableTrigAll
	ATEnableTrigUser            = pg_query.AlterTableType_AT_EnableTrigUser
	ATDisableTrigUser           = pg_query.AlterTableType_AT_DisableTrigUser
	ATEnableRule                = pg_query.AlterTableType_AT_EnableRule
	ATEnableAlwaysRule          = pg_query.AlterTableType_AT_EnableAlwaysRule
	ATEnableReplicaRule         = pg_query.AlterTableType_AT_EnableReplicaRule
	ATDisableRule               = pg_query.AlterTableType_AT_DisableRule
	ATAddInherit                = pg_query.AlterTableType_AT_AddInherit
	ATDropInherit               = pg_query.AlterTableType_AT_DropInherit
	ATAddOf                     = pg_query.AlterTableType_AT_AddOf
	ATDropOf                    = pg_query.AlterTableType_AT_DropOf
	ATReplicaIdentity           = pg_query.AlterTableType_AT_ReplicaIdentity
	ATEnableRowSecurity         = pg_query.AlterTableType_AT_EnableRowSecurity
	ATDisableRowSecurity        = pg_query.AlterTableType_AT_DisableRowSecurity
	ATForceRowSecurity          = pg_query.AlterTableType_AT_ForceRowSecurity
	ATNoForceRowSecurity        = pg_query.AlterTableType_AT_NoForceRowSecurity
	ATGenericOptions            = pg_query.AlterTableType_AT_GenericOptions
	ATAttachPartition           = pg_query.AlterTableType_AT_AttachPartition
	ATDetachPartition           = pg_query.AlterTableType_AT_DetachPartition
	ATDetachPartitionFinalize   = pg_query.AlterTableType_AT_DetachPartitionFinalize
	ATAddIdentity               = pg_query.AlterTableType_AT_AddIdentity
	ATSetIdentity               = pg_query.AlterTableType_AT_SetIdentity
	ATDropIdentity              = pg_query.AlterTableType_AT_DropIdentity
	ATReAddStatistics           = pg_query.AlterTableType_AT_ReAddStatistics

	ConstrNull              = pg_query.ConstrType_CONSTR_NULL
	ConstrNotnull           = pg_query.ConstrType_CONSTR_NOTNULL
	ConstrDefault           = pg_query.ConstrType_CONSTR_DEFAULT
	ConstrIdentity          = pg_query.ConstrType_CONSTR_IDENTITY
	ConstrGenerated         = pg_query.ConstrType_CONSTR_GENERATED
	ConstrCheck             = pg_query.ConstrType_CONSTR_CHECK
	ConstrPrimary           = pg_query.ConstrType_CONSTR_PRIMARY
	ConstrUnique            = pg_query.ConstrType_CONSTR_UNIQUE
	ConstrExclusion         = pg_query.ConstrType_CONSTR_EXCLUSION
	ConstrForeign           = pg_query.ConstrType_CONSTR_FOREIGN
	ConstrAttrDeferrable    = pg_query.ConstrType_CONSTR_ATTR_DEFERRABLE
	ConstrAttrNotDeferrable = pg_query.ConstrType_CONSTR_ATTR_NOT_DEFERRABLE
	ConstrAttrDeferred      = pg_query.ConstrType_CONSTR_ATTR_DEFERRED
	ConstrAttrImmediate     = pg_query.ConstrType_CONSTR_ATTR_IMMEDIATE

	AclTargetObject      = pg_query.GrantTargetType_ACL_TARGET_OBJECT
	AclTargetAllInSchema = pg_query.GrantTargetType_ACL_TARGET_ALL_IN_SCHEMA
	AclTargetDefaults    = pg_query.GrantTargetType_ACL_TARGET_DEFAULTS

	RolespecCstring     = pg_query.RoleSpecType_ROLESPEC_CSTRING
	RolespecCurrentRole = pg_query.RoleSpecType_ROLESPEC_CURRENT_ROLE
	RolespecCurrentUser = pg_query.RoleSpecType_ROLESPEC_CURRENT_USER
	RolespecSessionUser = pg_query.RoleSpecType_ROLESPEC_SESSION_USER
	RolespecPublic      = pg_query.RoleSpecType_ROLESPEC_PUBLIC

	RolestmtRole  = pg_query.RoleStmtType_ROLESTMT_ROLE
	RolestmtUser  = pg_query.RoleStmtType_ROLESTMT_USER
	RolestmtGroup = pg_query.RoleStmtType_ROLESTMT_GROUP

	DropRestrict = pg_query.DropBehavior_DROP_RESTRICT
	DropCascade  = pg_query.DropBehavior_DROP_CASCADE

	DiscardAll       = pg_query.DiscardMode_DISCARD_ALL
	DiscardPlans     = pg_query.DiscardMode_DISCARD_PLANS
	DiscardSequences = pg_query.DiscardMode_DISCARD_SEQUENCES
	DiscardTemp      = pg_query.DiscardMode_DISCARD_TEMP
)
