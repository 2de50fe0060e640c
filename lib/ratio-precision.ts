/** How exact what is kept of a side is (docs/decisions/0010). The roll-ups are made with these numbers: another one needs other tables. */

/** Different texts are counted exactly up to 2^15 = 32,768, then within about 0.1 %; at most 768 KiB a state. */
export const distinctPrecision = 20
export const mostExactDistinct = 2 ** (distinctPrecision - 5)

/** A quantile is within this share of the true value, whatever it is put together from. */
export const sketchAccuracy = 0.005
