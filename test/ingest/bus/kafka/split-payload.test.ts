import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countItems, halvePayload, splitPayload } from '../../../../ingest/bus/kafka/producer/split-payload.ts'
import { decode, encode, type Plain } from '../../otlp/sample-payloads.ts'

const text = fc.string({ minLength: 1, maxLength: 60 })
const item = fc.record({ name: text })
const scope = fc.record({ scope: fc.record({ name: text }), spans: fc.array(item, { maxLength: 8 }) })
const resource = fc.record({
  resource: fc.record({
    attributes: fc.constantFrom('a', 'b', 'c', 'd').map(key => [{ key, value: { string_value: key } }]),
  }),
  scope_spans: fc.array(scope, { maxLength: 4 }),
  schema_url: text,
})
const request = fc.array(resource, { minLength: 1, maxLength: 6 })

interface Spans {
  readonly resource_spans?: readonly {
    readonly resource: Plain
    readonly schema_url?: string
    readonly scope_spans?: readonly {
      readonly scope: { readonly name: string }
      readonly spans?: readonly { readonly name: string }[]
    }[]
  }[]
}

/** Each span with all that surrounds it, by resource, in order. */
function itemsByResource(payloads: readonly Uint8Array[]): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const payload of payloads) {
    for (const { resource: of, schema_url, scope_spans = [] } of (decode('ExportTraceServiceRequest', payload) as Spans)
      .resource_spans ?? []) {
      const name = JSON.stringify(of)
      const list = found[name] ?? []
      found[name] = list
      for (const { scope: inside, spans = [] } of scope_spans)
        for (const span of spans) list.push(`${schema_url} ${inside.name} ${span.name}`)
    }
  }
  return Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))
}

it('keeps every span with its resource and scope, one resource in order in one partition, and no message too large', () => {
  fc.assert(
    fc.property(
      request,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 320, max: 4000 }),
      (resource_spans, partitions, maxBytes) => {
        const payload = encode('ExportTraceServiceRequest', { resource_spans })
        const { pieces, tooLarge } = splitPayload('otlp_spans', payload, partitions, maxBytes)
        expect(tooLarge).toEqual([])
        for (const { value, partition } of pieces) {
          expect(value.length).toBeLessThanOrEqual(maxBytes)
          expect(partition).toBeLessThan(partitions)
        }
        expect(itemsByResource(pieces.map(({ value }) => value))).toEqual(itemsByResource([payload]))
        const homes = new Map<string, number>()
        for (const { value, partition } of pieces) {
          for (const name of Object.keys(itemsByResource([value]))) {
            expect(homes.get(name) ?? partition).toBe(partition)
            homes.set(name, partition)
          }
        }
      },
    ),
  )
})

/** What a topic of that limit takes of a payload, and what it refuses though it cannot be cut any further. */
function sendTo(limit: number, value: Uint8Array): { readonly taken: Uint8Array[]; readonly refused: Uint8Array[] } {
  if (value.length <= limit) return { taken: [value], refused: [] }
  const parts = halvePayload('otlp_spans', value)
  if (parts.length < 2) return { taken: [], refused: [value] }
  for (const part of parts) expect(part.length).toBeLessThan(value.length)
  const sent = parts.map(part => sendTo(limit, part))
  return { taken: sent.flatMap(({ taken }) => taken), refused: sent.flatMap(({ refused }) => refused) }
}

it('halves what a topic refuses until it is taken, in order, or cannot be cut any further', () => {
  fc.assert(
    fc.property(request, fc.integer({ min: 50, max: 2000 }), (resource_spans, limit) => {
      const payload = encode('ExportTraceServiceRequest', { resource_spans })
      const { taken, refused } = sendTo(limit, payload)
      const all = itemsByResource([payload])
      const kept = itemsByResource(taken)
      if (refused.length === 0) expect(kept).toEqual(all)
      const items = (found: Record<string, string[]>) => Object.values(found).flat().sort()
      expect([...items(kept), ...items(itemsByResource(refused))].sort()).toEqual(items(all))
    }),
  )
})

it('tries a single item by itself though it is larger than half', () => {
  const spans = [{ name: 'a' }, { name: 'x'.repeat(900) }, { name: 'b' }]
  const payload = encode('ExportTraceServiceRequest', { resource_spans: [{ scope_spans: [{ spans }] }] })
  const parts = halvePayload('otlp_spans', payload)
  expect(parts.map(part => countItems('otlp_spans', part))).toEqual([1, 1, 1])
  for (const part of parts) expect(halvePayload('otlp_spans', part)).toHaveLength(1)
})

it('cuts a metric by its data points', () => {
  const points = Array.from({ length: 50 }, (_, at) => ({ as_int: String(at), time_unix_nano: '1' }))
  const metrics = [{ name: 'm', sum: { data_points: points, is_monotonic: true, aggregation_temporality: 2 } }]
  const payload = encode('ExportMetricsServiceRequest', { resource_metrics: [{ scope_metrics: [{ metrics }] }] })
  const { pieces } = splitPayload('otlp_metrics', payload, 3, 300)
  expect(countItems('otlp_metrics', payload)).toBe(50)
  expect(pieces.length).toBeGreaterThan(2)
  const decoded = pieces.map(({ value }) => decode('ExportMetricsServiceRequest', value))
  const sums = decoded.flatMap((one: Plain) => JSON.stringify(one).match(/"is_monotonic":true/g) ?? [])
  expect(sums).toHaveLength(pieces.length)
  const values = JSON.stringify(decoded)
    .match(/"as_int":"\d+"/g)
    ?.map(found => found.replace(/\D/g, ''))
  expect(values).toEqual(points.map(({ as_int }) => as_int))
})

it('leaves out what no message can hold and keeps all else, whatever the limit', () => {
  fc.assert(
    fc.property(request, fc.integer({ min: 60, max: 400 }), (resource_spans, maxBytes) => {
      const payload = encode('ExportTraceServiceRequest', { resource_spans })
      const { pieces, tooLarge } = splitPayload('otlp_spans', payload, 1, maxBytes)
      const kept = pieces.map(({ value }) => value)
      for (const value of kept) expect(value.length).toBeLessThanOrEqual(maxBytes)
      for (const value of tooLarge) expect(value.length).toBeGreaterThan(maxBytes)
      const items = (payloads: readonly Uint8Array[]) => Object.values(itemsByResource(payloads)).flat().sort()
      expect([...items(kept), ...items(tooLarge)].sort()).toEqual(items([payload]))
      const counted = [...kept, ...tooLarge].reduce((sum, value) => sum + countItems('otlp_spans', value), 0)
      expect(counted).toBe(countItems('otlp_spans', payload))
    }),
  )
})

it('leaves out a single span that no message can hold, and keeps those around it', () => {
  const spans = ['a', 'b', 'x'.repeat(2000), 'c'].map(name => ({ name }))
  const payload = encode('ExportTraceServiceRequest', { resource_spans: [{ scope_spans: [{ spans }] }] })
  const { pieces, tooLarge } = splitPayload('otlp_spans', payload, 1, 1000)
  const names = (payloads: readonly Uint8Array[]) =>
    payloads.flatMap(
      value => JSON.stringify(decode('ExportTraceServiceRequest', value)).match(/(?<="name":").(?=")/g) ?? [],
    )
  expect(names(pieces.map(({ value }) => value))).toEqual(['a', 'b', 'c'])
  expect(tooLarge.map(value => countItems('otlp_spans', value))).toEqual([1])
})

it('does not repeat surroundings that would make many times what was sent', () => {
  const attributes = [{ key: 'k', value: { string_value: 'x'.repeat(900) } }]
  const spans = Array.from({ length: 200 }, () => ({ name: 'small' }))
  const payload = encode('ExportTraceServiceRequest', {
    resource_spans: [{ resource: { attributes }, scope_spans: [{ spans }] }],
  })
  const { pieces, tooLarge } = splitPayload('otlp_spans', payload, 1, 1000)
  expect(pieces).toEqual([])
  expect(tooLarge.map(value => [value.length, countItems('otlp_spans', value)])).toEqual([[payload.length, 200]])
})

it('sends bytes that are no payload as they are, as when a dead letter is put on the bus again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      const { pieces } = splitPayload('otlp_spans', bytes, 3, 1000)
      const sent = Buffer.concat(pieces.map(({ value }) => value))
      // Resources may be sorted by partition; nothing of them is lost.
      expect([...sent].sort()).toEqual([...bytes].sort())
    }),
    { numRuns: 3000 },
  )
})
