package printable

import "slices"

// narrow is the width that a column which is cut keeps, in terminal cells.
const narrow = 14

// Fit makes a table fit into a width in terminal cells. Columns whose heads are spare are left out,
// in this order, while it is too wide; then the widest are cut, down to a width that still tells
// something, and at last the last one, which says why. A table has two columns or more; a row may
// have fewer cells than the head. It gives the heads that were left out, too.
func Fit(rows [][]string, width int, spare ...string) (fitted [][]string, without []string) {
	fitted = clone(rows)
	for _, head := range spare {
		if at := slices.Index(fitted[0], head); at >= 0 && total(widths(fitted)) > width {
			without = append(without, head)
			for i, row := range fitted {
				if at < len(row) {
					fitted[i] = slices.Delete(row, at, at+1)
				}
			}
		}
	}
	most := widths(fitted)
	last := len(most) - 1
	for total(most) > width {
		widest := slices.Index(most, slices.Max(most[:last]))
		if most[widest] <= narrow {
			break
		}
		most[widest]--
	}
	most[last] = max(narrow, most[last]-max(0, total(most)-width))
	for _, row := range fitted {
		for j, cell := range row {
			row[j] = Cut(cell, most[j])
		}
	}
	return fitted, without
}

func clone(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
	}
	return out
}

// widths are those of the columns, in terminal cells.
func widths(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for j, cell := range row {
			if j == len(widths) {
				widths = append(widths, 0)
			}
			widths[j] = max(widths[j], Width(Line(cell)))
		}
	}
	return widths
}

// total is how wide a table with such columns is: they stand two spaces apart.
func total(widths []int) int {
	n := -2
	for _, w := range widths {
		n += w + 2
	}
	return n
}
