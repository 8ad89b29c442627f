package suggest

// maxCells bounds the table of an alignment, and with that time and memory: what
// would need a larger one is not aligned.
const maxCells = 1 << 20

// align finds which of n things on one side stand for which of m on the other,
// in the same order on both, so that the sum of score is largest (Needleman and
// Wunsch, 1970, without a price for gaps). A score of 0 or less never pairs.
// The result has for each of the n the index on the other side, or -1; ok is false when
// there are too many.
func align(n, m int, score func(i, j int) int) (to []int, ok bool) {
	if n > maxCells || m > maxCells || (n+1)*(m+1) > maxCells {
		return nil, false
	}
	width := m + 1
	best := make([]int32, (n+1)*width) // of what is left from i and j on
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			most := max(best[(i+1)*width+j], best[i*width+j+1])
			if s := score(i, j); s > 0 {
				most = max(most, best[(i+1)*width+j+1]+int32(s))
			}
			best[i*width+j] = most
		}
	}
	to = make([]int, n)
	for i, j := 0, 0; i < n; {
		here := best[i*width+j]
		switch {
		case j < m && pairs(best[(i+1)*width+j+1], here, score(i, j)):
			to[i] = j
			i, j = i+1, j+1
		case best[(i+1)*width+j] == here:
			to[i] = -1
			i++
		default:
			j++
		}
	}
	return to, true
}

// pairs tells whether a pair of that score leads from one sum to the other.
func pairs(rest, here int32, score int) bool { return score > 0 && rest+int32(score) == here }
