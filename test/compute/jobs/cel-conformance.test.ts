import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { matches } from '../../../compute/reports/judge-event.ts'
import { telemetryEventSchema } from '../../../compute/reports/telemetry-event.ts'
import { parseFilter } from '../../../slo-specs/schema/filter/parse-filter.ts'
import type { FilterExpression } from '../../../slo-specs/schema/model.ts'
import { int64 } from '../../../store/client/columns.ts'
import type { Store } from '../../../store/client/store.ts'
import { eventSources } from '../../../store/queries/event-sources.ts'
import { compileFilter } from '../../../store/queries/filter-sql.ts'
import { bindPlaceholders, PlaceholderList } from '../../../store/queries/placeholders.ts'
import { baseMs } from './arbitraries.ts'
import { type CelCase, celCases } from './cel-cases.ts'
import { liftCase } from './lift-cel.ts'
import { insertSpans, openTestStore } from './spans.ts'

/** What a case says of one event, and why Ninefold may say something else. */
interface Judged {
  readonly name: string
  readonly filter: FilterExpression
  readonly attributes: Readonly<Record<string, string>>
  readonly durationNs: bigint
  readonly expected: boolean
}

const cases = celCases()
const written = cases.flatMap(asWritten)
const lifted = cases.flatMap(each => [...asLifted(each, 'left'), ...asLifted(each, 'right')])
const judged: readonly Judged[] = [...written, ...lifted].map((each, index) => ({
  ...each,
  name: `${index} ${each.name}`,
}))

/** A case whose text is a filter as it stands, its names being attributes. */
function asWritten({ name, text, attributes, expected, hasContainer }: CelCase): Judged[] {
  const { filter } = parseFilter(text, 'traces')
  if (filter === null || attributes === undefined || expected === 'other' || hasContainer) return []
  // What is an error in CEL (a name that is bound to nothing) is false here: a missing attribute is no event's fault.
  return [{ name, filter: filter.expression, attributes, durationNs: 0n, expected: expected === true }]
}

/** A case over constants, of which one becomes the field. */
function asLifted({ name, text, expected }: CelCase, side: 'left' | 'right'): Judged[] {
  const lift = liftCase(text, side)
  const filter = lift && parseFilter(lift.filter, 'traces').filter
  // CEL has no answer to texts compared with numbers; an attribute that is a text has one, which language.md tells.
  if (lift === undefined || filter == null || typeof expected !== 'boolean') return []
  const { attributes, durationNs } = lift
  return [{ name: `${name} (${side})`, filter: filter.expression, attributes, durationNs, expected }]
}

let store: Store
let close: () => Promise<void>

beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  const spans = judged.map(({ name, attributes, durationNs }) => {
    return { atMs: baseMs, name, kind: 'Server', status: 'Unset', durationNs, resource: {}, attributes }
  })
  await insertSpans(store.writer, spans, 'conformance')
})
afterAll(() => close())

async function inEngine(name: string, filter: FilterExpression): Promise<boolean> {
  const source = eventSources.traces
  if (source === undefined) throw new Error('no traces')
  const list = new PlaceholderList()
  const { sql, params } = bindPlaceholders(compileFilter(filter, source, list), list, 'p')
  const query = {
    name: 'conformance',
    sql: `SELECT countIf(${sql}) AS matching, count() AS events FROM otel_traces WHERE SpanName = {case:String}`,
    params: z.record(z.string(), z.unknown()),
    row: z.object({ matching: int64, events: int64 }),
  }
  const [row] = await store.reader.query(query, { ...params, case: name })
  expect(row?.events).toBe(1n)
  return row?.matching === 1n
}

describe("the CEL project's conformance cases", () => {
  test('say of an event what the engine says, and what is said in process', async () => {
    for (const { name, filter, attributes, durationNs, expected } of judged) {
      const event = telemetryEventSchema.parse({ name, attributes, duration: durationNs })
      expect(matches(filter, event, 'traces'), `${name} in process`).toBe(expected)
      expect(await inEngine(name, filter), `${name} in the engine`).toBe(expected)
    }
  })

  test('are refused by name where they are outside of what filters have', () => {
    for (const { name, text } of cases)
      for (const { code, message, offset } of parseFilter(text, 'traces').problems) {
        expect(code, name).toMatch(/^SPEC_FILTER_(SYNTAX|UNSUPPORTED|TYPE|REGEX)$/)
        expect(message, name).not.toContain('this expression')
        expect(offset, name).toBeLessThanOrEqual(text.length)
        const [, called] = /^the (?:function|macro) (\w+) is not supported/.exec(message) ?? []
        if (called !== undefined) expect(text, name).toContain(called)
      }
  })

  test('are so many, and what is outside is this', async () => {
    await expect(overview()).toMatchFileSnapshot('golden/cel-conformance.txt')
  })
})

/** Counts by verdict; the details of a message are left out. */
function overview(): string {
  const outside = new Map<string, number>()
  const count = (what: string) => outside.set(what, (outside.get(what) ?? 0) + 1)
  for (const { text, expected, attributes, hasContainer } of cases) {
    const { filter, problems } = parseFilter(text, 'traces')
    const [first] = problems
    if (first !== undefined)
      count(`${first.code} ${first.message.replace(/"[^"]*"/g, '"…"').replace(/-?\d[\d.e+]*/g, 'N')}`)
    else if (hasContainer) count('read as a filter, but named in a package of message types')
    else if (filter !== null && (expected === 'other' || attributes === undefined))
      count('read as a filter, but the result is no boolean')
  }
  const lines = [...outside]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, times]) => `${String(times).padStart(5)}  ${what}`)
  return [
    `${cases.length} cases`,
    `${written.length} judged as they are written, ${lifted.length} with one constant turned into a field (either side)`,
    ...lines,
    '',
  ].join('\n')
}
