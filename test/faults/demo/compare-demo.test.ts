import { describe, expect, it } from 'vitest'
import { closingLines } from '../../../cli/demo/closing-lines.ts'
import { compare, readClosingLines, type Seen } from './compare-demo.ts'
import type { LogTally, Repeat } from './log-tally.ts'

/** That the comparison finds what it looks for: three spans and two log records, all well, and then one thing otherwise. */

const incident = {
  dedupKey: 'checkout-availability/page/2026-11-27T21:31Z',
  state: 'triggered',
  trigger: { event_action: 'trigger', routing_key: 'k', payload: { summary: '', source: '', severity: 'critical' } },
  triggers: 2,
  triggeredAtMs: 0,
  resolvedAtMs: null,
} as const
const telemetry = () => ({ spans: { acknowledged: 3, givenUp: 0 }, logs: { acknowledged: 2, givenUp: 0 } })
const said = [
  'The past is filled: 10 spans, 4 log records.',
  ...closingLines({ telemetry }, { incidents: () => [incident], refusals: [] }),
].join('\n')
const spans = (...ids: readonly string[]) => {
  const times = new Map<string, number>()
  for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1)
  return times
}
const logOf = (onLog: ReadonlyMap<string, number>, logs = 2, repeats: readonly Repeat[] = []): LogTally => ({
  read: async () => 0,
  spans: onLog,
  logs: () => logs,
  repeats,
  close: async () => undefined,
})
const all = spans('a', 'b', 'c')
const rows = { spans: all, logs: 2, pastSpans: 10, pastLogs: 4, deadLetters: 0 }
const well: Seen = {
  kills: [{ role: 'ingest', atMs: 1000 }],
  rows,
  onLog: { spans: all, logs: 2 },
  log: logOf(all),
  closed: readClosingLines(said),
  wrongSlos: [],
  isPageDue: true,
  recoverySeconds: 7,
}
const wrongOf = (changes: Partial<Seen>) => compare({ ...well, ...changes }).wrong
const twice = spans('a', 'a', 'b', 'c')
const repeat = { signal: 'spans', events: 1 } as const

describe('the numbers of a demo whose roles were killed', () => {
  it('are right when each event is a row once', () => {
    expect(compare(well)).toMatchObject({
      kills: { ingest: 1, sink: 0, compute: 0, api: 0 },
      acknowledged: { spans: 3, logs: 2 },
      incidents: ['checkout-availability/page/2026-11-27T21:31Z'],
      repeatedPages: 1,
      wrong: [],
    })
  })

  it('are right when an exporter sent again what a killed ingest had not answered', () => {
    const outcome = compare({ ...well, log: logOf(all, 2, [repeat]) })
    expect([outcome.sentAgain.spans, outcome.wrong]).toEqual([1, []])
  })

  it.each<[string, Partial<Seen>, string]>([
    ['an acknowledged span is not on the log', { log: logOf(spans('a', 'b')) }, '1 spans and 0 log records lost'],
    ['a span of the log is no row', { rows: { ...rows, spans: spans('a', 'b') } }, '1 spans and 0 log records lost'],
    ['a log record is no row', { rows: { ...rows, logs: 1 } }, '0 spans and 1 log records lost'],
    ['a span is two rows', { rows: { ...rows, spans: twice } }, '1 spans and 0 log records doubled'],
    [
      'what was sent again is two rows',
      { rows: { ...rows, spans: twice }, log: logOf(all, 2, [repeat]) },
      '1 spans and 0 log records doubled',
    ],
    ['a log record is two rows', { rows: { ...rows, logs: 3 } }, '0 spans and 1 log records doubled'],
    ['a span is on the log in two records', { log: logOf(twice) }, '1 spans and 0 log records doubled'],
    [
      'a span is there that was not acknowledged',
      { log: logOf(spans('a', 'b', 'c', 'd')) },
      '1 spans and 0 log records stored and neither acknowledged nor given up',
    ],
    ['the past is not whole', { rows: { ...rows, pastSpans: 9 } }, '1 spans and 0 log records of the past not stored'],
    ['something became a dead letter', { rows: { ...rows, deadLetters: 1 } }, '1 dead letters'],
    [
      'an SLO differs',
      { wrongSlos: ['cart-latency: 1 of 2, but 2 of 2 rows'] },
      'cart-latency: 1 of 2, but 2 of 2 rows',
    ],
    ['nobody was paged', { closed: { ...well.closed, incidents: [] } }, 'no incident of checkout-availability/page'],
    [
      'there were two pages for one fault',
      {
        closed: { ...well.closed, incidents: ['a/page/1', 'a/page/2', 'checkout-availability/page/1'].map(toIncident) },
      },
      '2 incidents of a/page',
    ],
  ])('are wrong when %s', (_, changes, sentence) => {
    expect(wrongOf(changes)).toEqual([sentence])
  })
})

function toIncident(key: string) {
  return { key, told: 1 }
}
