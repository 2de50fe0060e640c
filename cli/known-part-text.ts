import { dataText } from '../api/data-texts.ts'
import { formatRatio } from '../compute/budget/format.ts'

/** A stretch of time as the API tells it, and what is known of it. */
export interface KnownStretch {
  readonly from: string
  readonly to: string
  readonly coverage: number
  readonly data: { readonly from: string; readonly to: string } | null
}

/** `data from 3 March 2026, 10:00 on (UTC), 12.50 % of the window of 30d`. Empty when the numbers are of all of it, or there are none. */
export function knownPartText({ from, to, coverage, data }: KnownStretch, what: string): string {
  const part = dataText(data, { from, until: to }, 'UTC')
  return part === '' ? '' : `${part} (UTC), ${formatRatio(coverage)} of ${what}`
}
