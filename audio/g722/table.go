package g722

// Tables of ITU-T G.722, in the scale of the Recommendation.

// ilb is the antilogarithm of the scale factors (table 20).
var ilb = [32]int{
	2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
	2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
}

// q6 are the decision levels of the 60 level quantizer of the lower band (table 14).
var q6 = [32]int{
	0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714,
	786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919, 1 << 30, 1 << 30,
}

// qm6 are the output levels of the lower band at 6 bits, by code (tables 14 and 17).
var qm6 = [64]int{
	-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
	-7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728,
	24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
	4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
}

// qm4 are the output levels of the lower band at 4 bits, which drive its predictor at every bit rate.
var qm4 = [16]int{
	0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0,
}

// wl are the multipliers of the logarithmic scale factor of the lower band, by 4 bit code.
var wl = [16]int{-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60}

// qm2 and wh are the same for the 2 bit codes of the upper band.
var (
	qm2 = [4]int{-7408, -1616, 7408, 1616}
	wh  = [4]int{798, -214, 798, -214}
)
