import type { TimeSlices } from '../../slo-specs/schema/model.ts'
import { targetOfSlice } from './budget.ts'
import type { Counts } from './status.ts'

/**
 * How much of a slice is good, as a whole number of parts: Timeslices judge it whole, so it has one part; of RatioTimeslices it is the slice's own
 * SLI to 18 digits, to the nearest. Sums of whole numbers do not depend on their order and can be taken apart again, and the mean of such
 * SLIs is off by less than half of 10⁻¹⁸, far below what a double can tell; the one division comes after the sum.
 */
export interface SliceShare {
  readonly parts: bigint
  /** @param counts of a slice with valid events. */
  readonly goodOf: (counts: Counts) => bigint
}

const partsOfMean = 10n ** 18n

export function sliceShareOf({ targetText }: Pick<TimeSlices, 'targetText'>): SliceShare {
  if (targetText === undefined) {
    const goodOf = ({ good, valid }: Counts) => (2n * good * partsOfMean + valid) / (2n * valid)
    return { parts: partsOfMean, goodOf }
  }
  const target = targetOfSlice(targetText)
  return { parts: 1n, goodOf: ({ good, valid }) => (good * target.whole >= valid * target.good ? 1n : 0n) }
}
