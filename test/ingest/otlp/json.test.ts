import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPayloadReader } from '../../../ingest/otlp/canonical-payload.ts'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import { jsonErrorPosition } from '../../../lib/json-error-position.ts'
import { decode, everyField, noon, type Plain, requestTypes } from './sample-payloads.ts'

const reader = createPayloadReader(defaultOtlpLimits)
type Signal = keyof typeof requestTypes

function read(body: unknown, signal: Signal = 'traces') {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const payload = reader.read(Buffer.from(text), signal, 'json', 1_795_464_000_000)
  return { ...payload, decoded: decode(requestTypes[signal], payload.value) }
}
function errorOf(body: unknown): NinefoldError {
  try {
    read(body)
  } catch (error) {
    if (error instanceof NinefoldError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The library's objects in OTLP/JSON: camel-case names, ids in hexadecimal. */
function toOtlpJson(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map(element => toOtlpJson(element, name))
  if (typeof value === 'string' && name.endsWith('_id')) return Buffer.from(value, 'base64').toString('hex')
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [camelCase(key), toOtlpJson(inner, key)]))
}
const spanWith = (changes: Plain) => ({
  resourceSpans: [
    { scopeSpans: [{ spans: [{ startTimeUnixNano: String(noon), endTimeUnixNano: String(noon), ...changes }] }] },
  ],
})
const spanOf = (decoded: Plain): Plain => {
  const [resource] = decoded.resource_spans as { scope_spans: { spans: Plain[] }[] }[]
  return resource?.scope_spans[0]?.spans[0] ?? {}
}

describe('OTLP/JSON', () => {
  it.each(['traces', 'logs', 'metrics'] as const)('means the same as protobuf in every field (%s)', signal => {
    const expected = decode(requestTypes[signal], everyField[signal])
    const { decoded, rewritten } = read(toOtlpJson(expected), signal)
    expect(decoded).toEqual(expected)
    expect(rewritten).toBe(false)
  })

  it('reads 64-bit integers from strings and from numbers without losing a digit', () => {
    const text = JSON.stringify(spanWith({ attributes: [{ key: 'n', value: { intValue: 'N' } }] }))
    for (const literal of ['"9007199254740993"', '9007199254740993', '-9223372036854775808', '7']) {
      const { decoded } = read(text.replace('"N"', literal))
      const expected = literal.replaceAll('"', '')
      expect(spanOf(decoded).attributes).toEqual([{ key: 'n', value: { int_value: expected } }])
    }
    const numeric = text.replaceAll(`"${noon}"`, String(noon)).replace('"N"', '1')
    expect(spanOf(read(numeric).decoded)).toMatchObject({ start_time_unix_nano: String(noon) })
  })

  it('reads arrays, maps, base64 bytes and doubles that JSON lacks', () => {
    const values = [
      { arrayValue: { values: [{ stringValue: 'a' }] } },
      { kvlistValue: { values: [{ key: 'k', value: { boolValue: false } }] } },
      { bytesValue: '+/8=' },
    ]
    const attributes = values.map((value, index) => ({ key: String(index), value }))
    const { decoded, rewritten } = read(spanWith({ attributes }))
    expect(rewritten).toBe(true)
    const texts = (spanOf(decoded).attributes as { value: Plain }[]).map(entry => entry.value.string_value)
    expect(texts).toEqual(['["a"]', '{"k":false}', '+/8='])
    const special = read(spanWith({ attributes: [{ key: 'd', value: { doubleValue: '-Infinity' } }] }))
    expect(spanOf(special.decoded).attributes).toEqual([{ key: 'd', value: { double_value: -Infinity } }])
  })

  it('ignores unknown fields, takes null as absent, and reads the schema names that the Collector reads too', () => {
    const { items, decoded } = read({
      resource_spans: [{ resource: null, future: { x: [1] }, scope_spans: [{ spans: [{ name: 'a' }] }] }],
    })
    expect(items).toBe(1)
    expect(spanOf(decoded)).toMatchObject({ name: 'a' })
  })

  it('keeps names with quotes, backticks and NUL as the data they are, and repairs lone surrogates', () => {
    const { decoded } = read(spanWith({ name: '`"\'\0', traceState: '\ud800' }))
    expect(spanOf(decoded)).toMatchObject({ name: '`"\'\0', trace_state: '\uFFFD' })
  })

  it.each([
    [{ kind: 'SERVER' }, 'resourceSpans[0].scopeSpans[0].spans[0].kind must be int32'],
    [{ kind: 1.5 }, 'spans[0].kind must be int32'],
    [{ kind: 2 ** 31 }, 'spans[0].kind must be int32'],
    [{ traceId: 'xyz' }, 'spans[0].traceId must be an even number of hexadecimal digits'],
    [{ traceId: 5 }, 'spans[0].traceId must be a hexadecimal string'],
    [{ name: 5 }, 'spans[0].name must be a string'],
    [{ startTimeUnixNano: '18446744073709551616' }, 'spans[0].startTimeUnixNano must be fixed64'],
    [{ startTimeUnixNano: -1 }, 'spans[0].startTimeUnixNano must be fixed64'],
    [{ attributes: {} }, 'spans[0].attributes must be an array'],
    [{ attributes: [5] }, 'spans[0].attributes[0] must be an object'],
    [{ attributes: [{ value: { boolValue: 'yes' } }] }, 'attributes[0].value.boolValue must be true or false'],
    [{ attributes: [{ value: { doubleValue: 'x' } }] }, 'attributes[0].value.doubleValue must be a number'],
    [{ attributes: [{ value: { bytesValue: '*' } }] }, 'attributes[0].value.bytesValue must be a base64 string'],
  ])('refuses %j with the path of the value', (changes, message) => {
    const error = errorOf(spanWith(changes))
    expect(error.code).toBe('OTLP_MALFORMED_BODY')
    expect(error.message).toContain(message)
  })

  it('refuses a document that is no object, and one nested too deeply', () => {
    expect(errorOf('[]').message).toContain('the document must be an object')
    expect(errorOf('null').message).toContain('the document must be an object')
    let value: unknown = { stringValue: 'x' }
    for (let level = 0; level < 40; level++) value = { arrayValue: { values: [value] } }
    expect(errorOf(spanWith({ attributes: [{ key: 'a', value }] })).code).toBe('OTLP_LIMIT_EXCEEDED')
  })

  it('names the position at which a text stops being JSON', () => {
    const cases: [string, number][] = [
      ['', 0],
      ['{"resourceSpans":[', 18],
      ['{"resourceSpans":[{"x":}]}', 23],
      ['{"resourceSpans":[]} x', 21],
      ['{"resourceSpans":[],}', 20],
      ['{"a":"b\u0001"}', 7],
    ]
    for (const [text, position] of cases) expect(errorOf(text).details.position).toBe(position)
  })
})

describe('the position of a JSON error', () => {
  const sample = '{"a":[1,-2.5e+3,{"b\\u00e9\\n":[]},"é😀",true,false,null,{}],"c":{"d":""}}'

  it('exists exactly when the platform refuses the text', () => {
    const refuses = (text: string) => {
      try {
        JSON.parse(text)
        return false
      } catch {
        return true
      }
    }
    const change = fc.tuple(
      fc.nat({ max: sample.length }),
      fc.constantFrom('', ...'{}[]:,"\\x01 .e-tn\u0001'),
      fc.nat({ max: 2 }),
    )
    const changed = fc
      .array(change, { maxLength: 3 })
      .map(changes =>
        changes.reduce((text, [at, put, remove]) => text.slice(0, at) + put + text.slice(at + remove), sample),
      )
    const property = fc.property(fc.oneof(changed, fc.json(), fc.string()), text => {
      const position = jsonErrorPosition(text)
      expect(position !== null).toBe(refuses(text))
      if (position !== null) expect(position).toBeLessThanOrEqual(text.length)
    })
    fc.assert(property, { numRuns: 10_000 })
  })
})
