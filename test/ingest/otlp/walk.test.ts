import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
import { Walker } from '../../../ingest/otlp/walk.ts'
import { needs } from '../../../ingest/otlp/walk-result.ts'
import { createWireTable } from '../../../ingest/otlp/wire-table.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import { mutate, mutations } from './mutations.ts'
import {
  attribute,
  countItems,
  decode,
  encode,
  everyField,
  logs,
  metrics,
  noon,
  type Plain,
  requestTypes,
  span,
  traces,
  tracesPayload,
} from './sample-payloads.ts'

const table = createWireTable()
const walker = new Walker(table, defaultOtlpLimits)
const signals = ['traces', 'logs', 'metrics'] as const

const walk = (bytes: Uint8Array, signal: keyof typeof requestTypes = 'traces', by = walker) =>
  by.walk(bytes, table.index(requestTypes[signal]))
const walkSpan = (changes: Plain, by = walker) =>
  walk(encode(requestTypes.traces, traces([{ ...span(0), ...changes }])), 'traces', by)

function errorOf(work: () => unknown): NinefoldError {
  try {
    work()
  } catch (error) {
    if (error instanceof NinefoldError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('walking a payload', () => {
  it('counts spans, log records and data points and asks for nothing when the engine can take all of it', () => {
    expect(walk(tracesPayload(512))).toEqual({ items: 512, needs: 0, unknownMetrics: 0 })
    expect(walk(everyField.traces)).toEqual({ items: 2, needs: 0, unknownMetrics: 0 })
    expect(walk(everyField.logs, 'logs')).toEqual({ items: 1, needs: 0, unknownMetrics: 0 })
    expect(walk(everyField.metrics, 'metrics')).toEqual({ items: 5, needs: 0, unknownMetrics: 0 })
    expect(walk(Buffer.alloc(0))).toEqual({ items: 0, needs: 0, unknownMetrics: 0 })
  })

  it.each([
    ['an array', { array_value: { values: [{ string_value: 'node' }] } }],
    ['a map', { kvlist_value: { values: [attribute('a', 1)] } }],
    ['bytes', { bytes_value: Buffer.from([1, 2]) }],
  ])('finds %s as an attribute value and as a log body', (_name, value) => {
    expect(walkSpan({ attributes: [{ key: 'process.command_args', value }] }).needs).toBe(needs.exoticValue)
    const record = { time_unix_nano: String(noon), body: value }
    expect(walk(encode(requestTypes.logs, logs([record])), 'logs').needs).toBe(needs.exoticValue)
  })

  it.each([
    ['zero', '0', needs.absentTime],
    ['the first nanosecond of 1970', '1', 0],
    ['the last nanosecond of DateTime64(9)', '9223372036854775807', 0],
    ['the nanosecond after it', '9223372036854775808', needs.outOfRangeTime],
    ['the year 2554', '18446744073709551615', needs.outOfRangeTime],
  ])('judges a span that starts at %s', (_name, start, expected) => {
    expect(walkSpan({ start_time_unix_nano: start }).needs).toBe(expected)
  })

  it('judges the instants of data points by the DateTime column they land in', () => {
    const point = (time: bigint) =>
      encode(requestTypes.metrics, metrics([{ name: 'g', gauge: { data_points: [{ time_unix_nano: String(time) }] } }]))
    expect(walk(point(4_294_967_295_999_999_999n), 'metrics').needs).toBe(0)
    expect(walk(point(4_294_967_296_000_000_000n), 'metrics').needs).toBe(needs.outOfRangeTime)
  })

  it('notices a log record, an event and an exemplar without a time of their own', () => {
    expect(walk(encode(requestTypes.logs, logs([{ body: { string_value: 'x' } }])), 'logs').needs).toBe(
      needs.absentTime,
    )
    expect(walkSpan({ events: [{ name: 'retry' }] }).needs).toBe(needs.absentTime)
    const point = { time_unix_nano: String(noon), exemplars: [{ as_double: 1 }] }
    const payload = encode(requestTypes.metrics, metrics([{ name: 'g', gauge: { data_points: [point] } }]))
    expect(walk(payload, 'metrics').needs).toBe(needs.absentTime)
  })

  it('tells UTF-8 from other bytes exactly as the platform does', () => {
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 90 }).map(value => Buffer.from(value)),
      fc
        .string({ unit: 'binary', minLength: 1, maxLength: 300 })
        .chain(value => fc.nat({ max: 400 }).map(cut => Buffer.from(value).subarray(cut % 5))),
    )
    fc.assert(
      fc.property(text, bytes => {
        const name = Buffer.concat([Buffer.from([0x2a]), lengthPrefix(bytes.length), bytes])
        const payload = nest(0x0a, nest(0x12, nest(0x12, Buffer.concat([spanTimes, name]))))
        const isUtf8 = isValid(bytes)
        expect(walk(payload).needs).toBe(isUtf8 ? 0 : needs.invalidUtf8)
      }),
      { numRuns: 3000 },
    )
  })

  it('notices a singular field, and a second member of a oneof, sent twice', () => {
    const twice = Buffer.concat([Buffer.from([0x0a, 1, 0x61]), Buffer.from([0x0a, 1, 0x62])])
    const keyTwice = nest(0x4a, Buffer.concat([twice, Buffer.from([0x12, 2, 0x18, 1])]))
    const valueTwice = nest(0x4a, Buffer.from([0x0a, 1, 0x61, 0x12, 5, 0x0a, 1, 0x62, 0x18, 1]))
    for (const field of [keyTwice, valueTwice]) {
      const payload = nest(0x0a, nest(0x12, nest(0x12, Buffer.concat([spanTimes, field]))))
      expect(walk(payload).needs).toBe(needs.repeatedSingular)
    }
  })

  it('notices a bool that is neither 0 nor 1', () => {
    for (const [bytes, expected] of [
      [[0x10, 1], 0],
      [[0x10, 2], needs.wideNumber],
      [[0x10, 0x80, 0x01], needs.wideNumber],
    ] as const) {
      const entry = nest(0x4a, Buffer.concat([Buffer.from([0x0a, 1, 0x61]), nest(0x12, Buffer.from(bytes))]))
      const payload = nest(0x0a, nest(0x12, nest(0x12, Buffer.concat([spanTimes, entry]))))
      expect(walk(payload).needs).toBe(expected)
    }
  })

  it('notices a 32-bit number with more bits than it has, in exactly the cases in which they do not fit', () => {
    const number = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: 2n ** 31n - 3n, max: 2n ** 32n + 3n }),
      fc.bigInt({ min: -(2n ** 31n) - 3n, max: 3n }),
      fc.nat().map(BigInt),
    )
    const property = fc.property(number, fc.constantFrom(0x30, 0x50), (value, tag) => {
      const field = Buffer.from([tag, ...varint(value)])
      const payload = nest(0x0a, nest(0x12, nest(0x12, Buffer.concat([spanTimes, field]))))
      const kind = tag === 0x30
      const cut = kind ? BigInt.asUintN(64, BigInt.asIntN(32, value)) : BigInt.asUintN(32, value)
      expect(walk(payload).needs).toBe(cut === BigInt.asUintN(64, value) ? 0 : needs.wideNumber)
    })
    fc.assert(property, { numRuns: 2000 })
  })

  it('counts metrics whose kind of data is unknown, and passes other unknown fields by', () => {
    const unknownKind = nest(0x0a, nest(0x12, nest(0x12, Buffer.from([0x0a, 1, 0x6d, 0x6a, 2, 0x0a, 0]))))
    expect(walk(unknownKind, 'metrics')).toEqual({ items: 0, needs: 0, unknownMetrics: 1 })
    const withUnknown = nest(
      0x0a,
      nest(0x12, nest(0x12, Buffer.concat([spanTimes, Buffer.from([0xfa, 0x06, 1, 0xff])]))),
    )
    expect(walk(withUnknown)).toEqual({ items: 1, needs: 0, unknownMetrics: 0 })
  })
})

describe('refusing a payload', () => {
  it('refuses every truncation that a protobuf library refuses, and names a byte inside the payload', () => {
    for (const signal of signals) {
      const payload = everyField[signal]
      for (let length = 0; length < payload.length; length++) {
        const cut = payload.subarray(0, length)
        if (decodes(signal, cut)) {
          expect(walk(cut, signal).items).toBe(countItems(decode(requestTypes[signal], cut)))
          continue
        }
        const error = errorOf(() => walk(cut, signal))
        expect(error.code).toBe('OTLP_MALFORMED_BODY')
        expect(error.details.byte).toBeLessThanOrEqual(length)
      }
    }
  })

  it('accepts nothing that a protobuf library refuses, whatever bytes are changed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...signals), mutations, (signal, changes) => {
        const bytes = mutate(everyField[signal], changes)
        const outcome = attempt(() => walk(bytes, signal))
        if (outcome === null) return
        const strict = (outcome.needs & needs.invalidUtf8) === 0
        // The library refuses text that is not UTF-8; the walk notes it for the rewrite instead.
        if (strict) expect(countItems(decode(requestTypes[signal], bytes))).toBe(outcome.items)
        else expect(() => decode(requestTypes[signal], bytes)).toThrow()
      }),
      { numRuns: 20_000 },
    )
  })

  it.each([
    ['a group', Buffer.from([0x0b, 0x0c]), 'wire type 3'],
    ['field number 0', Buffer.from([0x02, 0x00]), 'field number 0'],
    ['a known field of another wire type', Buffer.from([0x08, 0x01]), 'resource_spans comes with wire type 0'],
    ['a length beyond the end', Buffer.from([0x0a, 0x05, 0x0a]), 'says 5 bytes where 1 are left'],
    ['a length that never ends', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 'does not end here'],
    ['a number of eleven bytes', Buffer.from([0x78, ...new Array(10).fill(0x80), 0x00]), 'is no 64-bit number'],
    ['a tenth byte beyond bit 63', Buffer.from([0x78, ...new Array(9).fill(0xff), 0x02]), 'is no 64-bit number'],
    ['a tenth byte without a bit', Buffer.from([0x78, ...new Array(9).fill(0x80), 0x00]), 'is no 64-bit number'],
  ])('refuses %s', (_name, bytes, reason) => {
    const error = errorOf(() => walk(bytes))
    expect(error.code).toBe('OTLP_MALFORMED_BODY')
    expect(error.message).toContain(reason)
  })

  it('names the limit that nesting, attribute count, key or value exceeds', () => {
    const limits = {
      ...defaultOtlpLimits,
      maxDepth: 12,
      maxAttributes: 3,
      maxAttributeKeyBytes: 10,
      maxAttributeValueBytes: 50,
    }
    const small = new Walker(table, limits)
    const nested = (levels: number): Plain =>
      levels === 0 ? { string_value: 'x' } : { array_value: { values: [nested(levels - 1)] } }
    const cases: [string, Plain][] = [
      ['maxDepth', { attributes: [{ key: 'a', value: nested(4) }] }],
      ['maxAttributes', { attributes: ['a', 'b', 'c', 'd'].map(key => attribute(key, 1)) }],
      ['maxAttributeKeyBytes', { attributes: [attribute('k'.repeat(11), 1)] }],
      ['maxAttributeValueBytes', { attributes: [attribute('a', 'v'.repeat(49))] }],
    ]
    for (const [limit, changes] of cases) {
      const payload = { resource_spans: [{ scope_spans: [{ spans: [{ ...span(0), ...changes }] }] }] }
      const error = errorOf(() => walk(encode(requestTypes.traces, payload), 'traces', small))
      expect(error.code).toBe('OTLP_LIMIT_EXCEEDED')
      expect(error.details.limit).toBe(limit)
    }
    const within = { attributes: ['a', 'b', 'c'].map(key => attribute(key.repeat(10), 'v'.repeat(48))) }
    const payload = { resource_spans: [{ scope_spans: [{ spans: [{ ...span(0), ...within }] }] }] }
    expect(walk(encode(requestTypes.traces, payload), 'traces', small).items).toBe(1)
  })

  it('does not let a message nested ten thousand levels deep exhaust the stack', () => {
    let value: Buffer = Buffer.from([0x0a, 1, 0x78])
    for (let level = 0; level < 5000; level++) value = nest(0x2a, nest(0x0a, value))
    const payload = nest(0x0a, nest(0x12, nest(0x12, nest(0x4a, nest(0x12, value)))))
    expect(errorOf(() => walk(payload)).code).toBe('OTLP_LIMIT_EXCEEDED')
  })
})

/** Start and end of a span. */
const spanTimes = Buffer.from([0x39, 1, 0, 0, 0, 0, 0, 0, 0, 0x41, 1, 0, 0, 0, 0, 0, 0, 0])

function varint(value: bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

function lengthPrefix(length: number): Buffer {
  const bytes: number[] = []
  let rest = length
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

function nest(tag: number, inner: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthPrefix(inner.length), inner])
}

function isValid(bytes: Uint8Array): boolean {
  return attempt(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) !== null
}

function decodes(signal: (typeof signals)[number], bytes: Uint8Array): boolean {
  return attempt(() => decode(requestTypes[signal], bytes)) !== null
}

function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}
