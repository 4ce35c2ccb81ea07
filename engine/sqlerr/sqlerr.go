// Package sqlerr is the error that a statement's author sees: PostgreSQL's SQLSTATE, a message that says what
// was being done to what and why it failed, and, where there is one, the position in the text and a hint.
//
// Text in an Error reaches clients and logs: never put a credential, a connection string or a value of a row
// that a policy may hide into it.
package sqlerr

import (
	"errors"
	"fmt"
	"io"
)

// The SQLSTATEs that the engine raises (PostgreSQL's Appendix A).
const (
	ConnectionFailure        = "08006"
	SourceUnable             = "08001"
	FeatureNotSupported      = "0A000"
	CardinalityViolation     = "21000"
	NotNullViolation         = "23502"
	CheckViolation           = "23514"
	StringTruncation         = "22001"
	NumericOutOfRange        = "22003"
	NullNotAllowed           = "22004"
	DatetimeFieldOverflow    = "22008"
	InvalidDatetimeFormat    = "22007"
	SubstringError           = "22011"
	DivisionByZero           = "22012"
	InvalidEscape            = "22025"
	InvalidParameterValue    = "22023"
	InvalidRegexp            = "2201B"
	InvalidLogArgument       = "2201E"
	InvalidPowerArgument     = "2201F"
	InvalidLimit             = "2201W"
	InvalidOffset            = "2201X"
	InvalidText              = "22P02"
	InvalidBinary            = "22P03"
	CharacterNotInRepertoire = "22021"
	ArraySubscript           = "2202E"
	ActiveTransaction        = "25001"
	NoActiveTransaction      = "25P01"
	FailedTransaction        = "25P02"
	InvalidSavepoint         = "3B001"
	DuplicatePrepared        = "42P05"
	ReadOnlyTransaction      = "25006"
	InvalidStatementName     = "26000"
	InvalidAuthorization     = "28000"
	InvalidPassword          = "28P01"
	InsufficientPrivilege    = "42501"
	SyntaxError              = "42601"
	GroupingError            = "42803"
	WindowingError           = "42P20"
	InvalidRecursion         = "42P19"
	DatatypeMismatch         = "42804"
	IndeterminateDatatype    = "42P18"
	CannotCoerce             = "42846"
	UndefinedColumn          = "42703"
	UndefinedFunction        = "42883"
	UndefinedTable           = "42P01"
	UndefinedParameter       = "42P02"
	UndefinedObject          = "42704"
	UndefinedSchema          = "3F000"
	UndefinedCatalog         = "3D000"
	DuplicateColumn          = "42701"
	DuplicateAlias           = "42712"
	DuplicateObject          = "42710"
	DuplicateTable           = "42P07"
	DuplicateSchema          = "42P06"
	AmbiguousColumn          = "42702"
	AmbiguousFunction        = "42725"
	WrongObjectType          = "42809"
	InvalidColumnReference   = "42P10"
	OutOfMemory              = "53200"
	TooManyConnections       = "53300"
	ConfigurationLimit       = "53400"
	ProgramLimit             = "54000"
	StatementTooComplex      = "54001"
	ObjectNotInPrerequisite  = "55000"
	QueryCanceled            = "57014"
	AdminShutdown            = "57P01"
	CannotConnectNow         = "57P03"
	IOError                  = "58030"
	UndefinedFile            = "58P01"
	InternalError            = "XX000"
	DataCorrupted            = "XX001"
	FDWError                 = "HV000"
	FDWSchemaMismatch        = "HV021"
)

// Error is one failure of a statement.
type Error struct {
	Code    string // SQLSTATE, five characters
	Message string // what failed, lower-case, without a full stop
	Detail  string
	Hint    string // what to do about it
	// Position is the 1-based character of the statement's text that the error is about, 0 for none.
	Position int
	// Source is the server that raised it, "" for the engine itself.
	Source string
	// Err is the cause. It is for the log: it is not part of what a client is shown.
	Err error
}

// New is an error with a SQLSTATE and a formatted message; %w keeps a cause.
func New(code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Err: errors.Unwrap(err)}
}

// Unsupported is 0A000 for a feature that PostgreSQL has and the engine refuses, by its name.
func Unsupported(feature string) *Error {
	return New(FeatureNotSupported, "%s is not supported", feature)
}

func (e *Error) Error() string {
	msg := e.Message
	if e.Source != "" {
		msg = "source " + e.Source + ": " + msg
	}
	return msg + " (SQLSTATE " + e.Code + ")"
}

// Unwrap gives the cause, but for one that is io.EOF or wraps it, as a broken connection's does: whoever reads a stream
// would take the failure for the end of the rows.
func (e *Error) Unwrap() error {
	if errors.Is(e.Err, io.EOF) {
		return nil
	}
	return e.Err
}

// WithHint is a copy of e with a hint.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// WithDetail is a copy of e with a detail.
func (e *Error) WithDetail(format string, args ...any) *Error {
	c := *e
	c.Detail = fmt.Sprintf(format, args...)
	return &c
}

// At is a copy of e with a 1-based position, unless e has one or pos is not positive.
func (e *Error) At(pos int) *Error {
	if e.Position > 0 || pos <= 0 {
		return e
	}
	c := *e
	c.Position = pos
	return &c
}

// From is a copy of e that names the server it came from.
func (e *Error) From(server string) *Error {
	c := *e
	c.Source = server
	return &c
}

// Code is the SQLSTATE of err, "" when it carries none.
func Code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Is says whether err carries the SQLSTATE code.
func Is(err error, code string) bool { return Code(err) == code }
