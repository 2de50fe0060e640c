/**
 * Sloth's queries hold `{{.window}}`, which it fills with each look-back window. Ninefold asks once a minute for the events of that minute
 * and sums them up, so the window is a minute; what is a rate there is a number of events here.
 */
const windowTemplate = /\{\{-?\s*\.window\s*-?\}\}/g
const minuteRange = /\[1m(?=[\]:])/g
const perMinute = /^60 \* \((.*)\)$/s

/** A query for the events of one minute; undefined when the query has templates of another kind, or none. */
export function minuteQuery(query: string): string | undefined {
  // A minute that was meant as a minute is told apart from the window.
  const filled = query.trim().replaceAll(minuteRange, '[60s').replaceAll(windowTemplate, '1m')
  if (filled.includes('{{') || filled.search(minuteRange) < 0) return undefined
  return /\b(rate|irate)\s*\(/.test(filled) ? `60 * (${filled})` : filled
}

/** A ratio has no number of events. */
export function minuteRatio(query: string): string | undefined {
  const counted = minuteQuery(query)
  return counted === undefined ? undefined : (perMinute.exec(counted)?.[1] ?? counted)
}

/** The query with Sloth's window again; undefined when it does not look back over one minute. */
export function windowQuery(query: string): string | undefined {
  const inner = perMinute.exec(query.trim())?.[1] ?? query.trim()
  return inner.search(minuteRange) < 0 ? undefined : inner.replaceAll(minuteRange, '[{{.window}}')
}
