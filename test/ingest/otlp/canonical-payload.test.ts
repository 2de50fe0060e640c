import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPayloadReader } from '../../../ingest/otlp/canonical-payload.ts'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
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
} from './sample-payloads.ts'

const reader = createPayloadReader(defaultOtlpLimits)
const receivedAtMs = 1_795_464_000_123
const receivedAt = '1795464000123000000'
const impossible = '18446744073709551615'
type Signal = keyof typeof requestTypes

const read = (bytes: Uint8Array, signal: Signal) => reader.read(Buffer.from(bytes), signal, 'protobuf', receivedAtMs)

/** The one item of the canonical form of a request, found by its field names. */
function only(decoded: unknown, ...path: string[]): Plain {
  let value = decoded
  for (const name of path) value = ((value as Plain)[name] as unknown[])[0]
  return value as Plain
}
function readSpan(changes: Plain) {
  const bytes = encode(requestTypes.traces, traces([{ ...span(0), attributes: [], ...changes }]))
  const payload = read(bytes, 'traces')
  const decoded = decode(requestTypes.traces, payload.value)
  return { ...payload, span: only(decoded, 'resource_spans', 'scope_spans', 'spans') }
}
function readLog(record: Plain) {
  const payload = read(encode(requestTypes.logs, logs([record])), 'logs')
  return {
    ...payload,
    record: only(decode(requestTypes.logs, payload.value), 'resource_logs', 'scope_logs', 'log_records'),
  }
}

describe('a payload that the engine takes', () => {
  it.each(['traces', 'logs', 'metrics'] as const)('goes on byte for byte (%s)', signal => {
    const payload = read(everyField[signal], signal)
    expect(payload).toMatchObject({ rewritten: false, hasOwnTimes: true })
    expect(Buffer.compare(payload.value, everyField[signal])).toBe(0)
    expect(payload.warnings).toEqual([])
  })
})

describe('values the engine has no column for', () => {
  it.each([
    ['an array', { array_value: { values: [{ string_value: 'node' }, { int_value: '-3' }, {}] } }, '["node",-3,null]'],
    ['an empty array', { array_value: {} }, '[]'],
    [
      'a map, keys sorted',
      { kvlist_value: { values: [attribute('b', true), attribute('a', 0.5)] } },
      '{"a":0.5,"b":true}',
    ],
    [
      'nesting and 64-bit integers, digit for digit',
      {
        array_value: {
          values: [{ kvlist_value: { values: [{ key: 'n', value: { int_value: '9007199254740993' } }] } }],
        },
      },
      '[{"n":9007199254740993}]',
    ],
    ['text with quotes and NUL', { array_value: { values: [{ string_value: '"\0`' }] } }, '["\\"\\u0000`"]'],
    ['doubles that JSON lacks', { array_value: { values: [{ double_value: Number.NaN }] } }, '["NaN"]'],
    ['bytes', { bytes_value: Buffer.from([0xfb, 0xff]) }, '+/8='],
    ['bytes within an array', { array_value: { values: [{ bytes_value: Buffer.from([1]) }] } }, '["AQ=="]'],
  ])('%s become text', (_name, value, text) => {
    const key = 'exotic'
    const { span: kept, rewritten, warnings, items } = readSpan({ attributes: [{ key, value }, attribute('plain', 7)] })
    expect(rewritten).toBe(true)
    expect(items).toBe(1)
    expect(warnings).toEqual([])
    expect(kept.attributes).toEqual([
      { key, value: { string_value: text } },
      { key: 'plain', value: { int_value: '7' } },
    ])
    const { record } = readLog({ time_unix_nano: String(noon), body: value })
    expect(record.body).toEqual({ string_value: text })
  })
})

describe('bytes that are not UTF-8', () => {
  it('become U+FFFD in names, keys and values, and the sender is told', () => {
    const bytes = encode(
      requestTypes.traces,
      traces([{ ...span(0), name: 'aXYZb', attributes: [attribute('k\u0001', 'v\u0001')] }]),
    )
    for (let at = 0; at < bytes.length; at++) {
      if (bytes.subarray(at, at + 3).equals(Buffer.from('XYZ'))) bytes[at + 1] = 0xff
      if (bytes[at] === 1 && (bytes[at - 1] === 0x6b || bytes[at - 1] === 0x76)) bytes[at] = 0xc3
    }
    const payload = read(bytes, 'traces')
    const kept = only(decode(requestTypes.traces, payload.value), 'resource_spans', 'scope_spans', 'spans')
    expect(kept.name).toBe('aX\uFFFDZb')
    expect(kept.attributes).toEqual([attribute('k\uFFFD', 'v\uFFFD')])
    expect(payload.warnings).toEqual(['3 strings are not UTF-8; the bytes in question became U+FFFD'])
  })
})

describe('a number with more bits than its type', () => {
  it('keeps the low 32 bits, as every protobuf reader takes it', () => {
    const times = [0x39, 1, 0, 0, 0, 0, 0, 0, 0, 0x41, 1, 0, 0, 0, 0, 0, 0, 0]
    // kind = 2^32 + 3, dropped_attributes_count = 2^32 + 4.
    const wide = [0x30, 0x83, 0x80, 0x80, 0x80, 0x10, 0x50, 0x84, 0x80, 0x80, 0x80, 0x10]
    const payload = read(nest(0x0a, nest(0x12, nest(0x12, Buffer.from([...times, ...wide])))), 'traces')
    const kept = only(decode(requestTypes.traces, payload.value), 'resource_spans', 'scope_spans', 'spans')
    expect(kept).toMatchObject({ kind: 3, dropped_attributes_count: 4 })
    expect(payload.value.length).toBe(6 + times.length + 4)
  })

  it('is true when it is a bool, as every protobuf reader takes it', () => {
    const metric = encode('Metric', { name: 's', sum: { is_monotonic: true, aggregation_temporality: 2 } })
    const at = metric.indexOf(Buffer.from([0x18, 1]))
    metric[at + 1] = 5
    const payload = read(nest(0x0a, nest(0x12, nest(0x12, metric))), 'metrics')
    const kept = only(decode(requestTypes.metrics, payload.value), 'resource_metrics', 'scope_metrics', 'metrics')
    expect(payload.rewritten).toBe(true)
    expect(Buffer.from(payload.value).includes(Buffer.from([0x18, 1]))).toBe(true)
    expect(kept).toMatchObject({ sum: { is_monotonic: true } })
  })
})

describe('instants', () => {
  const original = (value: string, suffix = '') => attribute(`ninefold.timestamp.original${suffix}`, value)

  it('that a span lacks come from its other end, else from the receipt', () => {
    const end = String(noon + 5n)
    expect(readSpan({ start_time_unix_nano: 0, end_time_unix_nano: end }).span).toMatchObject({
      start_time_unix_nano: end,
    })
    expect(readSpan({ start_time_unix_nano: end, end_time_unix_nano: 0 }).span).toMatchObject({
      end_time_unix_nano: end,
    })
    expect(readSpan({ start_time_unix_nano: 0, end_time_unix_nano: 0 })).toMatchObject({
      span: { start_time_unix_nano: receivedAt, end_time_unix_nano: receivedAt },
      hasOwnTimes: false,
      warnings: [],
    })
  })

  it('that no column can hold are replaced, kept in an attribute, and the sender is told', () => {
    const { span: kept, warnings } = readSpan({ start_time_unix_nano: impossible, end_time_unix_nano: impossible })
    expect(kept).toMatchObject({
      start_time_unix_nano: receivedAt,
      end_time_unix_nano: receivedAt,
      attributes: [original(impossible), original(impossible, '.end')],
    })
    expect(warnings).toEqual(['2 timestamps are out of range and were replaced (ninefold.timestamp.original)'])
  })

  it('from 1970 and from a future that the columns hold stay as they are', () => {
    for (const time of ['1', '7258118400000000000']) {
      expect(readSpan({ start_time_unix_nano: time, end_time_unix_nano: time })).toMatchObject({ rewritten: false })
    }
  })

  it('of an event without one come from its span, which may itself be repaired', () => {
    const events = [{ name: 'retry' }, { name: 'late', time_unix_nano: impossible }]
    const { span: kept, hasOwnTimes } = readSpan({ start_time_unix_nano: 0, end_time_unix_nano: String(noon), events })
    expect(hasOwnTimes).toBe(true)
    expect(kept.events).toEqual([
      { name: 'retry', time_unix_nano: String(noon) },
      { name: 'late', time_unix_nano: String(noon), attributes: [original(impossible)] },
    ])
  })

  it('of a log record come from when it was observed, else from the receipt', () => {
    const observed = String(noon + 9n)
    const seen = readLog({ observed_time_unix_nano: observed })
    expect(seen).toMatchObject({ record: { time_unix_nano: observed }, hasOwnTimes: true })
    const unseen = readLog({ severity_text: 'INFO' })
    expect(unseen).toMatchObject({ record: { time_unix_nano: receivedAt }, hasOwnTimes: false })
    const both = readLog({ time_unix_nano: impossible, observed_time_unix_nano: impossible }).record
    expect(both).toEqual({
      time_unix_nano: receivedAt,
      attributes: [original(impossible), original(impossible, '.observed')],
    })
  })

  it('of a data point come from the receipt, an impossible start becomes unknown, an exemplar follows its point', () => {
    const point = { start_time_unix_nano: impossible, as_int: '1', exemplars: [{ as_double: 2 }] }
    const payload = read(
      encode(requestTypes.metrics, metrics([{ name: 'g', gauge: { data_points: [point] } }])),
      'metrics',
    )
    const metric = only(decode(requestTypes.metrics, payload.value), 'resource_metrics', 'scope_metrics', 'metrics')
    expect(only(metric.gauge, 'data_points')).toEqual({
      time_unix_nano: receivedAt,
      as_int: '1',
      exemplars: [{ as_double: 2, time_unix_nano: receivedAt }],
      attributes: [original(impossible, '.start')],
    })
  })
})

describe('fields sent twice', () => {
  it('are merged as protobuf prescribes: the last value counts', () => {
    const first = { ...span(0), name: 'first', attributes: [] }
    const [one, two] = [encode('Span', first), encode('Span', { name: 'second', attributes: [attribute('a', 1)] })]
    const request = nest(0x0a, nest(0x12, nest(0x12, Buffer.concat([one, two]))))
    const decoded = decode(requestTypes.traces, read(request, 'traces').value)
    expect(only(decoded, 'resource_spans', 'scope_spans', 'spans')).toMatchObject({
      name: 'second',
      kind: 2,
      attributes: [{ key: 'a', value: { int_value: '1' } }],
    })
  })

  it('in a oneof leave only the last member, so that the engine never sees two values', () => {
    const entry = Buffer.concat([Buffer.from([0x0a, 1, 0x61]), nest(0x12, Buffer.from([0x0a, 1, 0x78, 0x18, 5]))])
    const times = Buffer.from([0x39, 1, 0, 0, 0, 0, 0, 0, 0, 0x41, 1, 0, 0, 0, 0, 0, 0, 0])
    const request = nest(0x0a, nest(0x12, nest(0x12, Buffer.concat([times, nest(0x4a, entry)]))))
    const decoded = decode(requestTypes.traces, read(request, 'traces').value)
    const attributes = only(decoded, 'resource_spans', 'scope_spans', 'spans').attributes
    expect(attributes).toEqual([{ key: 'a', value: { int_value: '5' } }])
  })
})

describe('any accepted payload', () => {
  it('is readable by a protobuf library in strict UTF-8, with as many items as were counted', () => {
    const signals = ['traces', 'logs', 'metrics'] as const
    const property = fc.property(fc.constantFrom(...signals), mutations, (signal, changes) => {
      const payload = attempt(() => read(mutate(everyField[signal], changes), signal))
      if (payload === null) return
      expect(countItems(decode(requestTypes[signal], payload.value))).toBe(payload.items)
      expect(read(payload.value, signal).rewritten).toBe(false)
    })
    fc.assert(property, { numRuns: 20_000 })
  })
})

function nest(tag: number, inner: Uint8Array): Buffer {
  const length = inner.length < 128 ? [inner.length] : [(inner.length & 0x7f) | 0x80, inner.length >>> 7]
  return Buffer.concat([Buffer.from([tag, ...length]), inner])
}

function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof NinefoldError && error.code.startsWith('OTLP_')) return null
    throw error
  }
}
