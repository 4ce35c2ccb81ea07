package datum

// wordKind is what a word means in a date or time.
type wordKind uint8

const (
	unknownWord wordKind = iota
	reservedWord
	monthWord
	dowWord
	ampmWord
	eraWord
	unitWord
	ignoredWord
	isoTimeWord
	dstWord
	zoneWord
	agoWord
)

// The values of reserved words and the units of fields.
const (
	wordNow = iota + 1
	wordToday
	wordTomorrow
	wordYesterday
	wordZulu
	wordEpoch
	wordLate
	wordEarly
	wordOther // reserved, but no input
	unitYear
	unitMonth
	unitDay
	unitHour
	unitMinute
	unitSecond
	unitJulian
	unitTime
	unitMilli
	unitMicro
	unitWeek
	unitQuarter
	unitDecade
	unitCentury
	unitMillennium
	unitZone
	unitDow
	unitISODow
	unitISOYear
	unitDoy
	unitEpoch
	unitZoneHour
	unitZoneMinute
)

type word struct {
	kind  wordKind
	value int
}

// dateWords are the words of dates and times (PostgreSQL's datetktbl).
var dateWords = map[string]word{
	"-infinity": {reservedWord, wordEarly}, "infinity": {reservedWord, wordLate}, "epoch": {reservedWord, wordEpoch},
	"now": {reservedWord, wordNow}, "today": {reservedWord, wordToday}, "tomorrow": {reservedWord, wordTomorrow},
	"yesterday": {reservedWord, wordYesterday}, "allballs": {reservedWord, wordZulu},
	"dow": {reservedWord, wordOther}, "doy": {reservedWord, wordOther}, "isodow": {reservedWord, wordOther},
	"ad": {eraWord, 0}, "bc": {eraWord, 1}, "am": {ampmWord, 0}, "pm": {ampmWord, 1},
	"jan": {monthWord, 1}, "january": {monthWord, 1}, "feb": {monthWord, 2}, "february": {monthWord, 2},
	"mar": {monthWord, 3}, "march": {monthWord, 3}, "apr": {monthWord, 4}, "april": {monthWord, 4},
	"may": {monthWord, 5}, "jun": {monthWord, 6}, "june": {monthWord, 6}, "jul": {monthWord, 7},
	"july": {monthWord, 7}, "aug": {monthWord, 8}, "august": {monthWord, 8}, "sep": {monthWord, 9},
	"sept": {monthWord, 9}, "september": {monthWord, 9}, "oct": {monthWord, 10}, "october": {monthWord, 10},
	"nov": {monthWord, 11}, "november": {monthWord, 11}, "dec": {monthWord, 12}, "december": {monthWord, 12},
	"sun": {dowWord, 0}, "sunday": {dowWord, 0}, "mon": {dowWord, 1}, "monday": {dowWord, 1},
	"tue": {dowWord, 2}, "tues": {dowWord, 2}, "tuesday": {dowWord, 2}, "wed": {dowWord, 3},
	"weds": {dowWord, 3}, "wednesday": {dowWord, 3}, "thu": {dowWord, 4}, "thur": {dowWord, 4},
	"thurs": {dowWord, 4}, "thursday": {dowWord, 4}, "fri": {dowWord, 5}, "friday": {dowWord, 5},
	"sat": {dowWord, 6}, "saturday": {dowWord, 6},
	"d": {unitWord, unitDay}, "h": {unitWord, unitHour}, "j": {unitWord, unitJulian}, "jd": {unitWord, unitJulian},
	"julian": {unitWord, unitJulian}, "m": {unitWord, unitMonth}, "mm": {unitWord, unitMinute},
	"s": {unitWord, unitSecond}, "y": {unitWord, unitYear}, "isoyear": {unitWord, unitISOYear},
	"t": {isoTimeWord, unitTime}, "at": {ignoredWord, 0}, "on": {ignoredWord, 0}, "dst": {dstWord, 3600},
}

// unitWords are the words of intervals (PostgreSQL's deltatktbl).
var unitWords = map[string]word{
	"@": {ignoredWord, 0}, "ago": {agoWord, 0}, "c": {unitWord, unitCentury}, "cent": {unitWord, unitCentury},
	"centuries": {unitWord, unitCentury}, "century": {unitWord, unitCentury}, "d": {unitWord, unitDay},
	"day": {unitWord, unitDay}, "days": {unitWord, unitDay}, "dec": {unitWord, unitDecade},
	"decade": {unitWord, unitDecade}, "decades": {unitWord, unitDecade}, "decs": {unitWord, unitDecade},
	"h": {unitWord, unitHour}, "hour": {unitWord, unitHour}, "hours": {unitWord, unitHour},
	"hr": {unitWord, unitHour}, "hrs": {unitWord, unitHour}, "m": {unitWord, unitMinute},
	"microsecon": {unitWord, unitMicro}, "mil": {unitWord, unitMillennium}, "millennia": {unitWord, unitMillennium},
	"millennium": {unitWord, unitMillennium}, "millisecon": {unitWord, unitMilli}, "mils": {unitWord, unitMillennium},
	"min": {unitWord, unitMinute}, "mins": {unitWord, unitMinute}, "minute": {unitWord, unitMinute},
	"minutes": {unitWord, unitMinute}, "mon": {unitWord, unitMonth}, "mons": {unitWord, unitMonth},
	"month": {unitWord, unitMonth}, "months": {unitWord, unitMonth}, "ms": {unitWord, unitMilli},
	"msec": {unitWord, unitMilli}, "mseconds": {unitWord, unitMilli}, "msecs": {unitWord, unitMilli},
	"qtr": {unitWord, unitQuarter}, "quarter": {unitWord, unitQuarter}, "s": {unitWord, unitSecond},
	"sec": {unitWord, unitSecond}, "second": {unitWord, unitSecond}, "seconds": {unitWord, unitSecond},
	"secs": {unitWord, unitSecond}, "timezone": {unitWord, unitZone}, "timezone_h": {unitWord, unitZoneHour},
	"timezone_m": {unitWord, unitZoneMinute}, "us": {unitWord, unitMicro}, "usec": {unitWord, unitMicro},
	"useconds": {unitWord, unitMicro}, "usecs": {unitWord, unitMicro}, "w": {unitWord, unitWeek},
	"week": {unitWord, unitWeek}, "weeks": {unitWord, unitWeek}, "y": {unitWord, unitYear},
	"year": {unitWord, unitYear}, "years": {unitWord, unitYear}, "yr": {unitWord, unitYear}, "yrs": {unitWord, unitYear},
}
