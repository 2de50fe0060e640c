/** The ranges a reader can choose, each with the step that gives about a hundred points. */
export interface TimeRange {
  readonly text: string
  readonly spoken: string
  readonly seconds: number
  readonly step: string
}

const standard: TimeRange = { text: '6h', spoken: 'last 6 hours', seconds: 21_600, step: '5m' }

export const timeRanges: readonly TimeRange[] = [
  { text: '1h', spoken: 'last hour', seconds: 3600, step: '1m' },
  standard,
  { text: '1d', spoken: 'last day', seconds: 86_400, step: '15m' },
  { text: '7d', spoken: 'last 7 days', seconds: 604_800, step: '1h' },
  { text: '30d', spoken: 'last 30 days', seconds: 2_592_000, step: '6h' },
]

export function chosenRange(query: URLSearchParams): TimeRange {
  return timeRanges.find(range => range.text === query.get('range')) ?? standard
}

/** As the API takes it, until now. */
export function rangeParameters(range: TimeRange): { from: number; to: number } {
  const to = Date.now()
  return { from: to - range.seconds * 1000, to }
}
