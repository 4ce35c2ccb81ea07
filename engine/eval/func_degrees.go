package eval

import (
	"math"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Trigonometry in degrees is exact where school says so: it is scaled by what the radian functions give for 30, 45 and 60
// degrees (float.c of PostgreSQL).

// Variables, so that the compiler does not compute with more digits than a float64 has: the scaling below is exact only
// if both sides round alike.
var (
	radiansPerDegree = math.Pi / 180
	deg30, deg60     = 30.0, 60.0

	sin30            = math.Sin(deg30 * radiansPerDegree)
	oneMinusCos60    = 1 - math.Cos(deg60*radiansPerDegree)
	asinHalf         = math.Asin(0.5)
	acosHalf         = math.Acos(0.5)
	atanOne          = math.Atan(1)
	tan45            = sinQuadrant(45) / cosQuadrant(45)
	cot45            = cosQuadrant(45) / sinQuadrant(45)
	errInputTooLarge = sqlerr.New(sqlerr.NumericOutOfRange, "input is out of range")
)

func init() {
	degrees := func(f func(x float64) float64) maker {
		return byRow1(func(_ *call, x float64) (float64, error) {
			switch {
			case math.IsNaN(x):
				return x, nil
			case math.IsInf(x, 0):
				return 0, errInputTooLarge
			}
			return f(x), nil
		})
	}
	inverse := func(f func(x float64) float64) maker {
		return byRow1(func(_ *call, x float64) (float64, error) {
			switch {
			case math.IsNaN(x):
				return x, nil
			case x < -1 || x > 1:
				return 0, errInputTooLarge
			}
			return f(x), nil
		})
	}
	register(implementations{
		"dsind": degrees(sinDegrees), "dcosd": degrees(cosDegrees), "dtand": degrees(tanDegrees), "dcotd": degrees(cotDegrees),
		"dasind": inverse(func(x float64) float64 {
			if x < 0 {
				return -asinQuadrant(-x)
			}
			return asinQuadrant(x)
		}),
		"dacosd": inverse(func(x float64) float64 {
			if x < 0 {
				return 90 + asinQuadrant(-x)
			}
			return acosQuadrant(x)
		}),
		"datand":  byRow1(func(_ *call, x float64) (float64, error) { return math.Atan(x) / atanOne * 45, nil }),
		"datan2d": byRow2(func(_ *call, y, x float64) (float64, error) { return math.Atan2(y, x) / atanOne * 45, nil }),
	})
}

func sinTo30(x float64) float64 { return math.Sin(x*radiansPerDegree) / sin30 / 2 }

func cosTo60(x float64) float64 { return 1 - (1-math.Cos(x*radiansPerDegree))/oneMinusCos60/2 }

// sinQuadrant and cosQuadrant take 0 to 90 degrees.
func sinQuadrant(x float64) float64 {
	if x <= 30 {
		return sinTo30(x)
	}
	return cosTo60(90 - x)
}

func cosQuadrant(x float64) float64 {
	if x <= 60 {
		return cosTo60(x)
	}
	return sinTo30(90 - x)
}

// asinQuadrant and acosQuadrant take 0 to 1.
func asinQuadrant(x float64) float64 {
	if x <= 0.5 {
		return math.Asin(x) / asinHalf * 30
	}
	return 90 - math.Acos(x)/acosHalf*60
}

func acosQuadrant(x float64) float64 {
	if x <= 0.5 {
		return 90 - math.Asin(x)/asinHalf*30
	}
	return math.Acos(x) / acosHalf * 60
}

// firstQuadrant gives the angle of 0 to 90 degrees with the same magnitudes, and whether it was mirrored at 0, at 180 and
// at 90 degrees.
func firstQuadrant(x float64) (q float64, neg, over180, over90 bool) {
	x = math.Mod(x, 360)
	if neg = x < 0; neg {
		x = -x
	}
	if over180 = x > 180; over180 {
		x = 360 - x
	}
	if over90 = x > 90; over90 {
		x = 180 - x
	}
	return x, neg, over180, over90
}

func signed(x float64, negative bool) float64 {
	if negative {
		return -x
	}
	return x
}

func sinDegrees(x float64) float64 {
	q, neg, over180, _ := firstQuadrant(x)
	return signed(sinQuadrant(q), neg != over180)
}

func cosDegrees(x float64) float64 {
	q, _, _, over90 := firstQuadrant(x)
	return signed(cosQuadrant(q), over90)
}

func tanDegrees(x float64) float64 {
	q, neg, over180, over90 := firstQuadrant(x)
	return signed(sinQuadrant(q)/cosQuadrant(q)/tan45, neg != over180 != over90) + 0
}

func cotDegrees(x float64) float64 {
	q, neg, over180, over90 := firstQuadrant(x)
	return signed(cosQuadrant(q)/sinQuadrant(q)/cot45, neg != over180 != over90) + 0
}
