package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// plot draws the ratios as bars on a logarithmic axis from an eighth to eight times the peer's figure, with each limit as
// a tick.
func plot(results []result) string {
	const left, width, row, top = 470.0, 420.0, 22.0, 40.0
	at := func(ratio float64) float64 {
		return left + width*(math.Log2(min(max(ratio, 0.125), 8))+3)/6
	}
	height := top + row*float64(len(results)) + 10
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="%.0f" font-family="sans-serif" font-size="12">`+"\n", height)
	b.WriteString(`<rect width="100%" height="100%" fill="white"/><text x="10" y="18">Time of Skein over time of its peer: left of 1 is faster; the mark is the limit</text>` + "\n")
	for p := -3; p <= 3; p++ {
		ratio := math.Pow(2, float64(p))
		fmt.Fprintf(&b, `<line x1="%.1f" x2="%.1f" y1="%.0f" y2="%.0f" stroke="#ddd"/><text x="%.1f" y="%.0f" text-anchor="middle" fill="#666">%g</text>`+"\n",
			at(ratio), at(ratio), top, height-10, at(ratio), top-4, ratio)
	}
	for i, r := range results {
		y := top + row*float64(i)
		colour := "#4878a8"
		if r.Limit > 0 && r.Ratio > r.Limit {
			colour = "#b04040"
		}
		from, to := min(at(1), at(r.Ratio)), max(at(1), at(r.Ratio))
		fmt.Fprintf(&b, `<text x="%.0f" y="%.1f" text-anchor="end">%s</text><rect x="%.1f" y="%.1f" width="%.1f" height="14" fill="%s"/>`,
			left-8, y+15, html.EscapeString(r.Name), from, y+4, to-from, colour)
		if r.Limit > 0 {
			fmt.Fprintf(&b, `<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="black" stroke-width="2"/>`, at(r.Limit), at(r.Limit), y+2, y+20)
		}
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f">%.2f</text>`+"\n", to+4, y+15, r.Ratio)
	}
	return b.String() + "</svg>\n"
}
