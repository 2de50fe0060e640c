import type { z } from 'zod'
import type { knownData } from './schemas/replies.ts'

type KnownData = z.output<typeof knownData>

/**
 * Which part of a stretch of time the numbers are of, for a person's eye: `data from 3 March 2026, 10:00 on`. Empty when they are of all of it, or when
 * there are none.
 * @param timeZone IANA name of the clocks that it is told on.
 */
export function dataText(
  data: KnownData,
  range: { readonly from: string; readonly until: string },
  timeZone: string,
): string {
  if (data === null) return ''
  const isLate = Date.parse(data.from) > Date.parse(range.from)
  const isEarly = Date.parse(data.to) < Date.parse(range.until)
  if (isLate && isEarly) return `data from ${clockText(data.from, timeZone)} to ${clockText(data.to, timeZone)}`
  if (isLate) return `data from ${clockText(data.from, timeZone)} on`
  return isEarly ? `data until ${clockText(data.to, timeZone)}` : ''
}

const dayStyle = { day: 'numeric', month: 'long', year: 'numeric' } as const

/** `3 March 2026`, and the time where it is not midnight. */
function clockText(iso: string, timeZone: string): string {
  const at = new Date(iso)
  const day = new Intl.DateTimeFormat('en-GB', { ...dayStyle, timeZone }).format(at)
  const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone }).format(at)
  return time === '00:00' ? day : `${day}, ${time}`
}
