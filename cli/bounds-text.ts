import type { z } from 'zod'
import type { sloDetail } from '../api/schemas/replies.ts'

export type BoundsReply = NonNullable<z.output<typeof sloDetail>['bounds']>

/** What the buckets of histograms tell of the measurements of a time, and what they leave open. */
export function boundsText({ from, to, valid, goodAtLeast, goodAtMost }: BoundsReply): string[] {
  const when = `From ${from} to ${to}`
  if (valid === 0) return ['', `${when} nothing was measured.`]
  if (goodAtLeast === goodAtMost)
    return ['', `${when} exactly ${goodAtLeast} of ${valid} measurements were good: no bucket is cut.`]
  return [
    '',
    `${when} at least ${goodAtLeast} and at most ${goodAtMost} of ${valid} measurements were good.`,
    `The ${goodAtMost - goodAtLeast} between lie in buckets that the value cuts, and count as bad.`,
  ]
}
