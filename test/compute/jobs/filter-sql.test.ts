import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { matches } from '../../../compute/reports/judge-event.ts'
import { type TelemetryEvent, telemetryEventSchema } from '../../../compute/reports/telemetry-event.ts'
import { int64 } from '../../../store/client/columns.ts'
import { defineTable } from '../../../store/client/query.ts'
import type { Store } from '../../../store/client/store.ts'
import type { EventFilter, Verdict } from '../../../store/queries/event-filter.ts'
import { type EventSource, eventSources } from '../../../store/queries/event-sources.ts'
import { compileFilter } from '../../../store/queries/filter-sql.ts'
import { bindPlaceholders, PlaceholderList } from '../../../store/queries/placeholders.ts'
import { rollupMinutes } from '../../../store/queries/rollup-minutes.ts'
import { groupVerdicts } from '../../../store/queries/verdict-shapes.ts'
import { layerTupleColumns } from '../../../store/tables/layer-tuple.ts'
import { baseMs, filters, spans } from './arbitraries.ts'
import { evaluateFilter, type TestSpan } from './evaluate-filter.ts'
import { insertSpans, openTestStore } from './spans.ts'

let store: Store
let close: () => Promise<void>
let events: TestSpan[]

beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  events = fc.sample(spans, { numRuns: 400, seed: 7 })
  await insertSpans(store.writer, events, 'filters')
  await store.writer.insert(
    defineTable({
      name: 'otel_logs',
      row: z.object({ Timestamp: z.string(), SeverityText: z.string(), SeverityNumber: z.number(), Body: z.string() }),
    }),
    logs.map(([SeverityText, SeverityNumber, Body]) => ({
      Timestamp: (baseMs / 1000).toFixed(3),
      SeverityText,
      SeverityNumber,
      Body,
    })),
  )
})
afterAll(() => close())

function sourceOf(signal: string): EventSource {
  const source = eventSources[signal]
  if (source === undefined) throw new Error(`no source for ${signal}`)
  return source
}

async function countInEngine(filter: EventFilter, signal = 'traces'): Promise<number> {
  const list = new PlaceholderList()
  const { sql, params } = bindPlaceholders(compileFilter(filter, sourceOf(signal), list), list, 'p')
  const query = {
    name: 'count',
    sql: `SELECT countIf(${sql}) AS matching FROM ${sourceOf(signal).table}`,
    params: z.record(z.string(), z.unknown()),
    row: z.object({ matching: int64 }),
  }
  const [row] = await store.reader.query(query, params)
  return Number(row?.matching)
}

test('a random filter selects the same events in the engine, in process and by its meaning', async () => {
  await fc.assert(
    fc.asyncProperty(filters, async filter => {
      const expected = events.filter(event => evaluateFilter(filter, event))
      expect(events.filter(event => matches(filter, telemetryEvent(event), 'traces'))).toEqual(expected)
      expect(await countInEngine(filter)).toBe(expected.length)
    }),
    { numRuns: 250 },
  )
})

test('a random filter over runs of synthetic transactions selects the same ones in the engine and in process', async () => {
  const sampled = fc.sample(spans, { numRuns: 100, seed: 8 })
  const runs = sampled.map(span => ({
    ...span,
    attributes: { ...span.attributes, synthetic: 'true', 'ninefold.synthetic.transaction': span.name },
  }))
  await insertSpans(store.writer, runs, 'runs')
  try {
    await fc.assert(
      fc.asyncProperty(filters, async filter => {
        const matching = runs.filter(span =>
          matches(filter, { ...telemetryEvent(span), synthetic: true }, 'synthetics'),
        )
        expect(await countInEngine(filter, 'synthetics')).toBe(matching.length)
      }),
      { numRuns: 60 },
    )
  } finally {
    // Others count all spans.
    await store.writer.execute({ name: 'remove', sql: removeRuns, params: z.object({}) }, {})
  }
})
const removeRuns = "DELETE FROM otel_traces WHERE mapContains(SpanAttributes, 'ninefold.synthetic.transaction')"

test('a random filter over CloudEvents selects the same ones in the engine and in process', async () => {
  const sent = events.map(span => eventOf(span))
  await store.writer.insert(
    defineTable({ name: 'events', row: z.record(z.string(), z.unknown()) }),
    sent.map(({ attributes: { type, source, subject, ...attributes }, resource }, index) => ({
      ...{
        Time: (baseMs / 1000).toFixed(3),
        ReceivedAt: (baseMs / 1000).toFixed(3),
        Id: String(index),
        Attributes: attributes,
      },
      ...{ Type: type, Source: source, Subject: subject, ResourceAttributes: resource },
      ServiceName: resource['service.name'] ?? '',
    })),
  )
  await fc.assert(
    fc.asyncProperty(filters.map(overEvents), async filter => {
      const expected = sent.filter(event => matches(filter, event, 'events'))
      expect(await countInEngine(filter, 'events')).toBe(expected.length)
    }),
    { numRuns: 100 },
  )
})

/** A span's texts as a CloudEvent's: those that have columns there, and one of the data. */
function eventOf({ name, kind, status, resource, attributes }: TestSpan): TelemetryEvent {
  const own = { ...attributes, type: name, source: kind, subject: status === 'Unset' ? '' : status }
  return telemetryEventSchema.parse({ resource, attributes: { ...own, 'data.kind': kind } })
}

const eventNames: Readonly<Record<string, string>> = { name: 'type', kind: 'source', status: 'subject' }

/** The same filter over the fields that `eventOf` has made of the span's. */
function overEvents(filter: EventFilter): EventFilter {
  switch (filter.op) {
    case 'literal':
      return filter
    case 'not':
      return { ...filter, operand: overEvents(filter.operand) }
    case 'and':
    case 'or':
      return { ...filter, operands: filter.operands.map(overEvents) }
    default: {
      const { field } = filter
      if (field.scope !== 'intrinsic') return filter
      return { ...filter, field: { scope: 'any', name: eventNames[field.name] ?? 'data.kind' } }
    }
  }
}

const oddNumbers = [
  'inf',
  '-inf',
  '+Inf',
  'Infinity',
  'nan',
  'NaN',
  '1e309',
  '-1e309',
  ' 5',
  '5 ',
  '5.',
  '.5',
  '+5',
  '-0',
]
const oddTexts = ['1_000', '0x10', '1e', 'e5', '5e+2', '٣', '1,5', '--1', '9007199254740993', '0.1', '1e-400', 'infx']

test('a text that may be a number is the same number in the engine and in process', async () => {
  const odd = [...oddNumbers, ...oddTexts].map((value, index) => ({
    // Beside the minutes that are counted below.
    atMs: baseMs + 600_000,
    name: `odd ${index}`,
    kind: 'Server',
    status: 'Unset',
    durationNs: 0n,
    resource: {},
    attributes: { odd: value },
  }))
  await insertSpans(store.writer, odd, 'odd numbers')
  for (const comparison of ['==', '!=', '<', '<=', '>', '>='] as const)
    for (const number of [0, 5, 10, 16, 500, -1, 0.1, Number.MAX_SAFE_INTEGER]) {
      const filter: EventFilter = {
        op: 'compare',
        comparison,
        field: { scope: 'attribute', name: 'odd' },
        value: { type: 'number', value: number },
      }
      const inProcess = odd.filter(span => matches(filter, telemetryEvent(span), 'traces')).map(({ name }) => name)
      const inEngine = await namesInEngine({ op: 'and', operands: [hasOdd, filter] })
      expect(inEngine, `odd ${comparison} ${number}`).toEqual(inProcess.sort())
    }
})

const hasOdd: EventFilter = { op: 'has', field: { scope: 'attribute', name: 'odd' } }

async function namesInEngine(filter: EventFilter): Promise<string[]> {
  const list = new PlaceholderList()
  const { sql, params } = bindPlaceholders(compileFilter(filter, sourceOf('traces'), list), list, 'p')
  const query = {
    name: 'names',
    sql: `SELECT SpanName AS name FROM otel_traces WHERE ${sql}`,
    params: z.record(z.string(), z.unknown()),
    row: z.object({ name: z.string() }),
  }
  return (await store.reader.query(query, params)).map(({ name }) => name).sort()
}

function telemetryEvent({ durationNs, atMs: _, ...span }: TestSpan): TelemetryEvent {
  return telemetryEventSchema.parse({ ...span, duration: durationNs })
}

const logs: readonly (readonly [text: string, number: number, body: string])[] = [
  ['', 0, 'no severity at all'],
  ['', 17, 'only a number'],
  ['Error', 17, 'text and number'],
  ['warning', 13, 'a text of its own'],
  ['INFO', 9, 'payment ok'],
  ['', 24, 'payment FATAL4'],
]
const severity = { scope: 'intrinsic', name: 'severity' } as const
const text = (value: string) => ({ type: 'string' as const, value })

test.each<[string, EventFilter, number]>([
  ['is ERROR, by text or by number', { op: 'compare', comparison: '==', field: severity, value: text('error') }, 2],
  ['is not ERROR', { op: 'compare', comparison: '!=', field: severity, value: text('ERROR') }, 4],
  ['is at least WARN', { op: 'compare', comparison: '>=', field: severity, value: text('warn') }, 4],
  ['is worse than ERROR', { op: 'compare', comparison: '>', field: severity, value: text('ERROR') }, 1],
  ['is at most INFO, where there is any', { op: 'compare', comparison: '<=', field: severity, value: text('INFO') }, 1],
  ['has number 17', { op: 'compare', comparison: '==', field: severity, value: { type: 'number', value: 17 } }, 2],
  ['is one of INFO and FATAL', { op: 'in', field: severity, values: [text('info'), text('FATAL')] }, 2],
  ['is set', { op: 'has', field: severity }, 5],
  ['body', { op: 'text', function: 'contains', field: { scope: 'intrinsic', name: 'body' }, value: 'payment' }, 2],
  [
    'duration, which logs have not',
    {
      op: 'compare',
      comparison: '>=',
      field: { scope: 'intrinsic', name: 'duration' },
      value: { type: 'duration', value: 0n },
    },
    0,
  ],
  [
    'not synthetic',
    {
      op: 'compare',
      comparison: '==',
      field: { scope: 'intrinsic', name: 'synthetic' },
      value: { type: 'boolean', value: false },
    },
    6,
  ],
])('a log matches by severity or body: %s', async (_, filter, expected) => {
  expect(await countInEngine(filter, 'logs')).toBe(expected)
  const records = logs.map(([severityText, severityNumber, body]) =>
    telemetryEventSchema.parse({ severityText, severityNumber, body }),
  )
  expect(records.filter(record => matches(filter, record, 'logs'))).toHaveLength(expected)
})

const countsQuery = {
  name: 'counts',
  sql: 'SELECT Slo AS slo, toUnixTimestamp(Minute) AS minute, sum(Good) AS good, sum(Valid) AS valid FROM sli_minute FINAL WHERE Revision = {revision:String} GROUP BY Slo, Minute',
  params: z.object({ revision: z.string() }),
  row: z.object({ slo: z.string(), minute: z.number(), good: int64, valid: int64 }),
}

test('verdicts computed in shared scans count what each filter alone selects, minute by minute', async () => {
  let round = 0
  const shared: fc.Arbitrary<EventFilter> = fc.constantFrom('checkout', 'cart', "pay'ments").map(value => ({
    op: 'compare',
    comparison: '==',
    field: { scope: 'any', name: 'service.name' },
    value: { type: 'string', value },
  }))
  const totals = fc.oneof(
    filters,
    fc.tuple(shared, filters).map(operands => ({ op: 'and' as const, operands })),
    shared,
  )
  const verdict = fc.record({
    total: totals,
    verdict: filters,
    isGood: fc.boolean(),
    repeat: fc.integer({ min: 1, max: 4 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(verdict, { minLength: 1, maxLength: 12 }), async drawn => {
      const revision = `r${round++}`
      const verdicts: Verdict[] = drawn.flatMap((one, index) =>
        Array.from({ length: one.repeat }, (_, copy) => ({
          slo: `s${index}-${copy}`,
          revision,
          signal: 'traces',
          total: one.total,
          layerColumns: index % 3 === 0 ? ['Pod'] : layerTupleColumns,
          ...(one.isGood ? { good: one.verdict } : { bad: one.verdict }),
        })),
      )
      const { shapes } = groupVerdicts(verdicts)
      const selection = { fromMs: baseMs, toMs: baseMs + 180_000, minutes: [baseMs / 1000, baseMs / 1000 + 120] }
      for (const { statement, params } of rollupMinutes(shapes, selection, 1n))
        await store.compute.execute(statement, params)
      const expected = new Map<string, [bigint, bigint]>()
      for (const { slo, total, good, bad } of verdicts)
        for (const event of events) {
          const minute = Math.floor(event.atMs / 60_000) * 60
          if (!selection.minutes.includes(minute) || !evaluateFilter(total, event)) continue
          const isGood =
            good === undefined ? bad !== undefined && !evaluateFilter(bad, event) : evaluateFilter(good, event)
          const [countedGood, countedValid] = expected.get(`${slo} ${minute}`) ?? [0n, 0n]
          expected.set(`${slo} ${minute}`, [countedGood + (isGood ? 1n : 0n), countedValid + 1n])
        }
      const rows = await store.reader.query(countsQuery, { revision })
      expect(new Map(rows.map(row => [`${row.slo} ${row.minute}`, [row.good, row.valid]]))).toEqual(expected)
    }),
    { numRuns: 30 },
  )
})
