/** A date and time on somebody's clocks, as if it were UTC: milliseconds since 1970-01-01 00:00 there. */
export type LocalMs = number

const dayMs = 86_400_000

/** What the clocks of a time zone show, and when they show something. */
export interface Clocks {
  localOf(ms: number): LocalMs
  /** The first moment with that time on the clocks; of a time that daylight saving leaves out, the moment of the change. */
  instantOf(local: LocalMs): number
}

/** @param timeZone IANA name. */
export function clocksOf(timeZone: string): Clocks {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  })
  const localOf = (ms: number): LocalMs => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
    const get = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    return Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'))
  }
  const instantOf = (local: LocalMs): number => {
    const offsets = [local - dayMs, local + dayMs].map(ms => localOf(ms) - ms)
    const found = offsets.map(offset => local - offset).filter(ms => localOf(ms) === local)
    if (found.length > 0) return Math.min(...found)
    return firstAfter(local, local - Math.max(...offsets), local - Math.min(...offsets))
  }
  /** Between two moments, the first minute whose local time is not before `local`. */
  const firstAfter = (local: LocalMs, fromMs: number, toMs: number): number => {
    let [low, high] = [fromMs - 60_000, toMs]
    while (high - low > 60_000) {
      const middle = low + Math.floor((high - low) / 120_000) * 60_000
      if (localOf(middle) >= local) high = middle
      else low = middle
    }
    return high
  }
  return { localOf, instantOf }
}
