package peer

import "cmp"

// allTemporal is a temporal limit that lets everything through.
const allTemporal uint8 = 7

// grant is what one slot may send.
type grant struct {
	layer    int8  // -1 is nothing
	temporal uint8 // highest temporal layer
}

// paused is the grant that sends nothing.
var paused = grant{layer: -1}

// demand is what one video slot would like.
type demand struct {
	layers [maxLayers]layerState
	height int // shown at, pixels; 0 is not visible
	area   int // shown, pixels
	screen bool
	has    grant // now
}

// option is a way to serve a demand.
type option struct {
	grant
	cost int // bit/s
}

// reserve is what a step up must fit into beyond its own cost, so that a slot does not swing.
const reserve = 1.15

// allocate shares a budget among the slots. Every visible slot gets its smallest picture first, the largest shown before
// others; what is left goes up step by step in the same order. Within a layer the frame rate gives way before the layer
// does. short tells that somebody got less than the size it is shown at would deserve. grants is filled, one a demand.
// Units: budget is bit/s.
func allocate(budget int, demands []demand, grants []grant) (short bool) {
	order := make([]int, len(demands))
	options := make([][]option, len(demands))
	step := make([]int, len(demands))
	for i := range demands {
		order[i], step[i], grants[i] = i, -1, paused
		options[i] = demands[i].options()
	}
	bySize(order, demands)
	for {
		moved := false
		for _, i := range order {
			if step[i]+1 >= len(options[i]) {
				continue
			}
			next := options[i][step[i]+1]
			extra := next.cost
			if step[i] >= 0 {
				extra -= options[i][step[i]].cost
			}
			need := extra
			if next.above(demands[i].has) {
				need = extra + int(float64(next.cost)*(reserve-1))
			}
			if need > budget {
				continue
			}
			budget -= extra
			step[i]++
			moved = true
		}
		if !moved {
			break
		}
	}
	for i := range demands {
		if step[i] >= 0 {
			grants[i] = options[i][step[i]].grant
		}
		short = short || step[i]+1 < len(options[i])
	}
	return short
}

// above tells whether g sends more than h.
func (g grant) above(h grant) bool {
	return g.layer > h.layer || g.layer == h.layer && g.temporal > h.temporal
}

// bySize sorts indices: screens first, then the larger shown. Insertion sort: there are 25 at most and they are nearly
// in order from one time to the next.
func bySize(order []int, demands []demand) {
	before := func(a, b *demand) bool {
		if a.screen != b.screen {
			return a.screen
		}
		return cmp.Compare(a.area, b.area) > 0
	}
	for i := 1; i < len(order); i++ {
		for j := i; j > 0 && before(&demands[order[j]], &demands[order[j-1]]); j-- {
			order[j], order[j-1] = order[j-1], order[j]
		}
	}
}

// options lists the ways to serve d from cheapest to dearest, up to the layer that its size deserves.
func (d *demand) options() []option {
	if d.height <= 0 {
		return nil
	}
	top := d.deserves()
	var out []option
	for layer := 0; layer <= top; layer++ {
		s := d.layers[layer]
		if !s.alive {
			continue
		}
		// Half the frame rate before a smaller picture; a quarter only where there is no smaller one. A shared screen
		// is read, not watched: there a low frame rate is always better than a smaller picture.
		lowest := s.temporal
		if lowest > 0 && (len(out) == 0 || d.screen) {
			lowest = 0
		} else if lowest > 1 {
			lowest = 1
		}
		for t := lowest; t <= s.temporal; t++ {
			limit := t
			if t == s.temporal {
				limit = allTemporal
			}
			cost := int(float64(s.bitrate) * temporalShare(t, s.temporal))
			out = append(out, option{grant{int8(layer), limit}, cost})
		}
	}
	return out
}

// assumedHeights of the three layers of a camera until key frames tell.
var assumedHeights = [maxLayers]int{180, 360, 720}

// deserves is the smallest living layer that needs no more than a third of stretching; else the largest living one.
func (d *demand) deserves() int {
	best := 0
	for layer, s := range d.layers {
		if !s.alive {
			continue
		}
		best = layer
		height := s.height
		if height == 0 {
			height = assumedHeights[layer]
		}
		if height*4 >= d.height*3 {
			break
		}
	}
	return best
}

// temporalShare is the part of a layer's bit rate up to temporal layer t of highest, as libvpx splits it.
func temporalShare(t, highest uint8) float64 {
	switch {
	case t >= highest:
		return 1
	case highest == 1:
		return 0.6
	case t == 0:
		return 0.4
	default:
		return 0.6
	}
}
