package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// setting is one name that SET, SHOW and session options know.
type setting struct {
	initial  string
	readOnly bool
	// check gives the canonical form of a value, or why it is none.
	check func(value string) (string, error)
	// shown is the name as SHOW's column has it, where it is not the lower-case one.
	shown string
	about string
}

// The names of settings that the engine itself reads.
const (
	SettingSearchPath       = "search_path"
	SettingTimeZone         = "timezone"
	SettingStatementTimeout = "statement_timeout"
	SettingPushdown         = "skein.pushdown"
	SettingNumeric          = "skein.numeric"
	SettingMemoryLimit      = "skein.memory_limit"
	SettingWorkers          = "skein.workers"
	SettingBatchRows        = "skein.batch_rows"
	SettingUUID             = "skein.uuid"
	SettingJSON             = "skein.json"
	claimPrefix             = "skein.claim."
)

var settingTable = map[string]*setting{
	SettingSearchPath:       {initial: "", check: anyText, about: "catalogs and schemas that unqualified names are looked up in, as catalog.schema"},
	SettingTimeZone:         {initial: "UTC", check: checkZone, shown: "TimeZone", about: "time zone of timestamptz text and of date arithmetic"},
	SettingStatementTimeout: {initial: "0", check: checkDuration, about: "longest time of a statement; 0 is no limit"},
	SettingPushdown:         {initial: "on", check: checkBool, about: "off asks sources for columns only and does everything else here"},
	SettingNumeric:          {initial: "decimal(76,38)", check: checkNumeric, about: "how numeric of unknown scale is sent: decimal(p,s), text or double"},
	SettingUUID:             {initial: "text", check: oneOf("text", "arrow", "binary"), about: "how uuid is sent: text, arrow.uuid, or fixed-size binary"},
	SettingJSON:             {initial: "text", check: oneOf("text", "arrow"), about: "how json is sent: text, or arrow's extension type"},
	SettingMemoryLimit:      {initial: "0", check: checkBytes, about: "most memory of one statement; 0 is the server's limit"},
	SettingWorkers:          {initial: "0", check: checkCount(0, 1024), about: "partitions of one statement; 0 is the server's number of cores"},
	SettingBatchRows:        {initial: "8192", check: checkCount(1, 8192), about: "most rows of a batch between operators"},
	"application_name":      {initial: "", check: anyText, about: "name of the client, for the log and for sources"},
	"client_encoding":       {initial: "UTF8", check: only("UTF8", "UTF-8", "UNICODE"), about: "always UTF8"},
	"datestyle":             {initial: "ISO, MDY", check: only("ISO, MDY", "ISO,MDY", "ISO"), shown: "DateStyle", about: "always ISO, MDY"},
	"intervalstyle":         {initial: "postgres", check: only("postgres"), shown: "IntervalStyle", about: "always postgres"},
	"extra_float_digits":    {initial: "1", check: checkCount(-15, 3), about: "accepted for drivers; floats are always sent exactly"},
	"bytea_output":          {initial: "hex", check: only("hex"), about: "always hex"},

	"standard_conforming_strings":   {initial: "on", check: only("on", "true", "1"), about: "always on"},
	"default_transaction_read_only": {initial: "on", check: only("on", "true", "1"), about: "always on"},
	"transaction_read_only":         {initial: "on", readOnly: true, about: "always on"},
	"transaction_isolation":         {initial: readCommitted, readOnly: true, about: "each statement sees its own snapshot, one per source"},
	"default_transaction_isolation": {initial: readCommitted, check: checkIsolation, about: "always read committed: each statement sees its own snapshot"},
	"server_version":                {initial: "15.0", readOnly: true, about: "version of PostgreSQL whose SQL is spoken"},
	"server_version_num":            {initial: "150000", readOnly: true, about: "the same as a number"},
	"server_encoding":               {initial: "UTF8", readOnly: true, about: "always UTF8"},
	"integer_datetimes":             {initial: "on", readOnly: true, about: "always on"},
	"lc_collate":                    {initial: "C", readOnly: true, about: "text compares by bytes"},
	"lc_ctype":                      {initial: "C.UTF-8", readOnly: true, about: "character classes of Unicode"},
	"max_identifier_length":         {initial: "63", readOnly: true, about: "bytes of an identifier"},
	"is_superuser":                  {initial: "off", readOnly: true, about: "always off"},
}

// settings are one session's values. Safe for concurrent use.
type settings struct {
	mu       sync.RWMutex
	defaults map[string]string
	values   map[string]string
	local    map[string]string // SET LOCAL's, until the transaction block ends
	claims   map[string]string
}

// newSettings starts from the server's defaults, which are checked like SET.
func newSettings(defaults, claims map[string]string) (*settings, error) {
	s := &settings{defaults: map[string]string{}, values: map[string]string{}, local: map[string]string{}, claims: maps.Clone(claims)}
	for name, value := range defaults {
		def, name, err := findSetting(name)
		if err != nil {
			return nil, err
		}
		if value, err = checked(def, name, value); err != nil {
			return nil, err
		}
		s.defaults[name] = value
	}
	return s, nil
}

var settingAliases = map[string]string{"time zone": SettingTimeZone, "transaction isolation level": "transaction_isolation"}

func findSetting(name string) (*setting, string, error) {
	name = strings.ToLower(name)
	if a, ok := settingAliases[name]; ok {
		name = a
	}
	if def := settingTable[name]; def != nil {
		return def, name, nil
	}
	return nil, name, sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter %q", name).
		WithHint("SHOW ALL lists the settings that there are")
}

func checked(def *setting, name, value string) (string, error) {
	if def.readOnly {
		return "", sqlerr.New("55P02", "parameter %q cannot be changed", name)
	}
	v, err := def.check(value)
	if sqlerr.Code(err) == sqlerr.FeatureNotSupported {
		return "", err
	}
	if err != nil {
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter %q: %q", name, value).WithHint("%s", err)
	}
	return v, nil
}

func (s *settings) set(name, value string) error {
	if strings.HasPrefix(strings.ToLower(name), claimPrefix) {
		return sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied to set parameter %q: claims are written by authentication alone", name)
	}
	if handled, err := s.setPathPart(strings.ToLower(name), value); handled {
		return err
	}
	def, name, err := findSetting(name)
	if err != nil {
		return err
	}
	if value, err = checked(def, name, value); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[name] = value
	delete(s.local, name)
	return nil
}

// setLocal is SET LOCAL inside of a transaction block.
func (s *settings) setLocal(name, value string) error {
	was := s.save()
	if err := s.set(name, value); err != nil {
		return err
	}
	return s.makeLocal(name, was)
}

// resetLocal is SET LOCAL … TO DEFAULT.
func (s *settings) resetLocal(name string) error {
	was := s.save()
	if err := s.reset(name); err != nil {
		return err
	}
	return s.makeLocal(name, was)
}

// makeLocal turns what has just been set for the session, whose values were was, into the transaction's.
func (s *settings) makeLocal(name string, was savedSettings) error {
	if name = strings.ToLower(name); slices.Contains([]string{"catalog", "schema"}, name) {
		name = SettingSearchPath
	}
	_, name, err := findSetting(name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	value := s.lookup(name)
	s.values, s.local = was.values, was.local
	s.local[name] = value
	return nil
}

// savedSettings are what a transaction block can return to.
type savedSettings struct{ values, local map[string]string }

func (s *settings) save() savedSettings {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return savedSettings{maps.Clone(s.values), maps.Clone(s.local)}
}

func (s *settings) restore(to savedSettings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values, s.local = maps.Clone(to.values), maps.Clone(to.local)
}

// dropLocal ends what SET LOCAL set.
func (s *settings) dropLocal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.local)
}

// setPathPart sets the session options catalog and schema, which stand for the first element of the search path.
func (s *settings) setPathPart(name, value string) (bool, error) {
	if name != "catalog" && name != "schema" {
		return false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	path := splitPath(s.lookup(SettingSearchPath))
	first, rest := "", path
	if len(path) > 0 {
		first, rest = path[0], path[1:]
	}
	if catalog, _, _ := strings.Cut(first, "."); name == "schema" {
		first = strings.Trim(catalog+"."+value, ".")
	} else {
		first = value
	}
	s.values[SettingSearchPath] = strings.Join(append([]string{first}, rest...), ", ")
	delete(s.local, SettingSearchPath)
	return true, nil
}

// splitPath splits a search path at its commas.
func splitPath(path string) []string {
	var out []string
	for _, p := range strings.Split(path, ",") {
		if p = strings.Trim(strings.TrimSpace(p), `"'`); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// lookup reads a known setting; the lock is held.
func (s *settings) lookup(name string) string {
	if v, ok := s.local[name]; ok {
		return v
	}
	if v, ok := s.values[name]; ok {
		return v
	}
	if v, ok := s.defaults[name]; ok {
		return v
	}
	return settingTable[name].initial
}

func (s *settings) get(name string) (string, error) {
	lower := strings.ToLower(name)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if strings.HasPrefix(lower, claimPrefix) {
		return s.claims[strings.TrimPrefix(lower, claimPrefix)], nil
	}
	if lower == "catalog" || lower == "schema" {
		path := splitPath(s.lookup(SettingSearchPath))
		if len(path) == 0 {
			return "", nil
		}
		catalog, schema, _ := strings.Cut(path[0], ".")
		if lower == "catalog" {
			return catalog, nil
		}
		return schema, nil
	}
	_, name, err := findSetting(name)
	if err != nil {
		return "", err
	}
	return s.lookup(name), nil
}

// value reads a setting that exists.
func (s *settings) value(name string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.lookup(name)
}

func (s *settings) reset(name string) error {
	_, name, err := findSetting(name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, name)
	delete(s.local, name)
	return nil
}

func (s *settings) resetAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.values)
	clear(s.local)
}

func (s *settings) all() map[string]string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make(map[string]string, len(settingTable))
	for name := range settingTable {
		out[name] = s.lookup(name)
	}
	return out
}

func anyText(v string) (string, error) { return v, nil }

func only(values ...string) func(string) (string, error) {
	return func(v string) (string, error) {
		for _, ok := range values {
			if strings.EqualFold(v, ok) {
				return values[0], nil
			}
		}
		return "", fmt.Errorf("the only value is %s", values[0])
	}
}

func oneOf(values ...string) func(string) (string, error) {
	return func(v string) (string, error) {
		if v = strings.ToLower(v); slices.Contains(values, v) {
			return v, nil
		}
		return "", fmt.Errorf("the values are %s", strings.Join(values, ", "))
	}
}

func checkBool(v string) (string, error) {
	switch strings.ToLower(v) {
	case "on", "true", "yes", "1", "t", "y":
		return "on", nil
	case "off", "false", "no", "0", "f", "n":
		return "off", nil
	}
	return "", fmt.Errorf("the values are on and off")
}

func checkCount(low, high int) func(string) (string, error) {
	return func(v string) (string, error) {
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil || n < low || n > high {
			return "", fmt.Errorf("it is a whole number from %d to %d", low, high)
		}
		return strconv.Itoa(n), nil
	}
}

func checkZone(v string) (string, error) {
	if strings.EqualFold(v, "default") {
		return "UTC", nil
	}
	_, shown, err := datum.SessionZone(v)
	if sqlerr.Code(err) == sqlerr.FeatureNotSupported {
		return "", err
	}
	if err != nil {
		return "", fmt.Errorf("it is the name of a time zone such as UTC or Europe/Berlin, or an offset")
	}
	return shown, nil
}

func checkDuration(v string) (string, error) {
	if _, err := parseDuration(v); err != nil {
		return "", err
	}
	return strings.TrimSpace(v), nil
}

// parseDuration reads PostgreSQL's form: milliseconds, or a number with ms, s, min, h or d.
func parseDuration(v string) (time.Duration, error) {
	v = strings.ToLower(strings.TrimSpace(v))
	units := []struct {
		suffix string
		unit   time.Duration
	}{
		{"us", time.Microsecond},
		{"ms", time.Millisecond},
		{"min", time.Minute},
		{"s", time.Second},
		{"h", time.Hour},
		{"d", 24 * time.Hour},
		{"", time.Millisecond},
	}
	for _, u := range units {
		num, ok := strings.CutSuffix(v, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(num), 64)
		if err == nil && n >= 0 && n*float64(u.unit) < 1<<62 {
			return time.Duration(n * float64(u.unit)), nil
		}
	}
	return 0, fmt.Errorf(`it is a number of milliseconds, or a number with a unit: "500ms", "30s", "5min", "1h"`)
}

func checkBytes(v string) (string, error) {
	if _, err := ParseBytes(v); err != nil {
		return "", err
	}
	return strings.TrimSpace(v), nil
}

// ParseBytes reads a size: bytes, or a number with kB, MB, GB or TB (powers of 1024, as PostgreSQL's memory settings).
func ParseBytes(v string) (int64, error) {
	s := strings.ToLower(strings.TrimSpace(v))
	units := []struct {
		suffix string
		shift  uint
	}{{"kib", 10}, {"mib", 20}, {"gib", 30}, {"tib", 40}, {"kb", 10}, {"mb", 20}, {"gb", 30}, {"tb", 40}, {"b", 0}, {"", 0}}
	for _, u := range units {
		num, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(num), 64)
		if err == nil && n >= 0 && n*float64(int64(1)<<u.shift) < 1<<62 {
			return int64(n * float64(int64(1)<<u.shift)), nil
		}
	}
	return 0, fmt.Errorf(`it is a number of bytes, or a number with a unit: "64MB", "2GB"`)
}

func checkNumeric(v string) (string, error) {
	form, err := interchange.ParseNumericForm(v)
	if err != nil {
		return "", fmt.Errorf("the values are decimal(p,s) with p up to 76, text and double")
	}
	return form.String(), nil
}
