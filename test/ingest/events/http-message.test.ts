import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEventTime } from '../../../ingest/events/event-time.ts'
import { readHttpMessage } from '../../../ingest/events/http-message.ts'
import { readEvents } from '../../../ingest/events/read-events.ts'
import { NinefoldError } from '../../../lib/errors.ts'

const order = { specversion: '1.0', id: '1', source: '/shop', type: 'order.placed' }
const structured = { 'content-type': 'application/cloudevents+json; charset=UTF-8' }
const batched = { 'content-type': 'application/cloudevents-batch+json' }

function refusal(headers: Record<string, string>, body: unknown) {
  try {
    readHttpMessage({ headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) })
  } catch (error) {
    if (!(error instanceof NinefoldError)) throw error
    const errors = error.details.errors as { in: string; parameter: string; message: string }[] | undefined
    return { code: error.code, message: error.message, at: errors?.map(one => `${one.in} ${one.parameter}`) }
  }
  return 'taken'
}
const attributesOf = (event: Record<string, unknown>) =>
  Object.fromEntries(readEvents(JSON.stringify(event), 'event')[0]?.attributes ?? [])

describe('a request with CloudEvents', () => {
  it('goes on as it was sent in structured and batched mode, and counts each event once', () => {
    const text = `{"specversion":"1.0","id":"1","source":"/shop","type":"t","data":{"amount":12345678901234567890.12}}`
    const one = readHttpMessage({ headers: structured, body: Buffer.from(text) })
    expect([Buffer.from(one.value).toString(), one.contentType, one.events]).toEqual([
      text,
      'application/cloudevents+json',
      1,
    ])
    const batch = JSON.stringify([order, { ...order, id: '2' }, order])
    expect(readHttpMessage({ headers: batched, body: Buffer.from(batch) }).events).toBe(2)
    expect(readHttpMessage({ headers: batched, body: Buffer.from('[]') }).events).toBe(0)
  })

  it('is put together in binary mode: headers decoded once, the data by its type', () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': '"a \\"b\\""',
      'ce-source': '/shop',
      'ce-type': 'order.placed',
      'ce-customer': 'Euro%20%E2%82%AC%2520',
    }
    const sent = (type: string, body: string | Buffer) =>
      JSON.parse(
        Buffer.from(
          readHttpMessage({ headers: { ...headers, 'content-type': type }, body: Buffer.from(body) }).value,
        ).toString(),
      )
    const attributes = { ...order, id: 'a "b"', customer: 'Euro €%20' }
    expect(sent('application/json', '{"n":1}')).toEqual({
      ...attributes,
      datacontenttype: 'application/json',
      data: { n: 1 },
    })
    expect(sent('text/plain', 'hello "you"')).toEqual({
      ...attributes,
      datacontenttype: 'text/plain',
      data: 'hello "you"',
    })
    expect(sent('text/plain', Buffer.from([0xff]))).toMatchObject({ data_base64: '/w==' })
    expect(sent('image/png', 'x')).toMatchObject({ data_base64: 'eA==' })
    expect(sent('application/json', '')).not.toHaveProperty('data')
  })

  it.each([
    ['no type of content', {}, order, 'EVENTS_UNSUPPORTED_MEDIA_TYPE'],
    ['plain JSON', { 'content-type': 'application/json' }, order, 'EVENTS_UNSUPPORTED_MEDIA_TYPE'],
    [
      'another format',
      { 'content-type': 'application/cloudevents+avro', 'ce-id': '1' },
      order,
      'EVENTS_UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'another character set',
      { 'content-type': 'application/cloudevents+json; charset=latin1' },
      order,
      'EVENTS_UNSUPPORTED_MEDIA_TYPE',
    ],
    ['no JSON', structured, '{"id": nope}', 'EVENTS_MALFORMED_BODY'],
    ['nothing', structured, '', 'EVENTS_MALFORMED_BODY'],
    ['deep nesting', structured, '['.repeat(40), 'EVENTS_LIMIT_EXCEEDED'],
    ['too many events', batched, Array(1001).fill(order), 'EVENTS_LIMIT_EXCEEDED'],
    [
      'too many fields',
      structured,
      { ...order, data: Object.fromEntries(Array.from({ length: 1025 }, (_, at) => [`f${at}`, 1])) },
      'EVENTS_LIMIT_EXCEEDED',
    ],
    ['a batch that is none', batched, order, 'EVENTS_INVALID'],
    ['a list as an event', structured, [order], 'EVENTS_INVALID'],
  ] as const)('with %s is refused', (_, headers, body, code) => {
    expect(refusal(headers, body)).toMatchObject({ code })
  })

  it('is told everything that is wrong, by event and field', () => {
    const bad = { specversion: '0.3', id: '', source: 'a b', subject: 5, 'Upper-Case': 'x', time: 'yesterday' }
    expect(refusal(batched, [order, bad, 7])).toMatchObject({
      code: 'EVENTS_INVALID',
      at: [
        'body events[1].type',
        'body events[1].specversion',
        'body events[1].id',
        'body events[1].source',
        'body events[1].subject',
        'body events[1].Upper-Case',
        'body events[1].time',
        'body events[2]',
      ],
    })
    const headers = {
      'ce-id': '1',
      'ce-type': 't',
      'ce-specversion': '1.0',
      'ce-source': 'a b',
      'content-type': 'nonsense',
    }
    expect(refusal(headers, '')).toMatchObject({ at: ['header ce-source', 'header content-type'] })
    expect(refusal({ 'ce-id': '%C0%A0', 'ce-datacontenttype': 'a/b' }, '')).toMatchObject({
      at: ['header ce-id', 'header ce-datacontenttype'],
    })
    // A body that would end the event that it is put into.
    const whole = { ...headers, 'ce-source': '/a', 'content-type': 'application/json' }
    expect(refusal(whole, '1}')).toMatchObject({ code: 'EVENTS_MALFORMED_BODY' })
  })

  it.each([
    ['a list as an attribute', { tags: ['a'] }, 'tags'],
    ['a fraction as an attribute', { rate: 0.5 }, 'rate'],
    ['an integer beyond 32 bits', { total: 2 ** 31 }, 'total'],
    ['a control character', { subject: 'a\u0007' }, 'subject'],
    ['half a surrogate pair', { subject: '\ud800' }, 'subject'],
    ['a schema without a scheme', { dataschema: '/schema' }, 'dataschema'],
    ['both kinds of data', { data: 1, data_base64: 'eA==' }, 'data'],
    ['broken base64', { data_base64: 'eA' }, 'data_base64'],
    ['an object where a text belongs', { datacontenttype: 'text/xml', data: {} }, 'data'],
  ])('with %s is invalid', (_, more, field) => {
    expect(refusal(structured, { ...order, ...more })).toMatchObject({ code: 'EVENTS_INVALID', at: [`body ${field}`] })
  })
})

describe('the attributes of an event', () => {
  it('are its extensions and the paths of its data; null is none, and lists are JSON', () => {
    const data = { amount: 19.9, paid: true, customer: { id: 'c-1', note: null }, items: [{ sku: 'a' }], empty: {} }
    expect(attributesOf({ ...order, subject: null, tenant: 'eu', retry: 2, test: false, data })).toEqual({
      tenant: 'eu',
      retry: '2',
      test: 'false',
      'data.amount': '19.9',
      'data.paid': 'true',
      'data.customer.id': 'c-1',
      'data.items': '[{"sku":"a"}]',
    })
    expect(attributesOf({ ...order, data: 'just a text' })).toEqual({ data: 'just a text' })
    expect(attributesOf({ ...order, data_base64: 'eA==' })).toEqual({})
  })

  it('lose no digit of a number', () => {
    const [event] = readEvents(
      '{"specversion":"1.0","id":"1","source":"/a","type":"t","data":{"a":12345678901234567890.12,"b":1.10,"c":[0.1234567890123456789]}}',
      'event',
    )
    expect(Object.fromEntries(event?.attributes ?? [])).toEqual({
      'data.a': '12345678901234567890.12',
      'data.b': '1.1',
      'data.c': '[0.1234567890123456789]',
    })
    expect(event?.data.toString()).toContain('12345678901234567890.12')
  })

  it('are what any JSON holds, and nothing of it makes the reader fail otherwise than with a code', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 40 }), data => {
        try {
          readEvents(JSON.stringify({ ...order, data }), 'either')
        } catch (error) {
          expect(error).toMatchObject({ code: 'EVENTS_LIMIT_EXCEEDED' })
        }
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(() => readEvents(text, 'event')).toThrow(NinefoldError)
      }),
    )
  })
})

describe('a time', () => {
  it.each([
    ['2026-11-27T09:30:00Z', 1_795_771_800_000_000_000n],
    ['2026-11-27t10:30:00.000000001+01:00', 1_795_771_800_000_000_001n],
    ['2026-11-27T09:30:00.1234567899Z', 1_795_771_800_123_456_789n],
    ['2016-12-31T23:59:60Z', 1_483_228_800_000_000_000n],
    ['2024-02-29T00:00:00-00:00', 1_709_164_800_000_000_000n],
  ])('%s is %s ns', (text, nanoseconds) => expect(readEventTime(text)).toEqual({ nanoseconds }))

  it.each([
    '2026-11-27',
    '2026-11-27 09:30:00Z',
    '2026-11-27T09:30:00',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-27T24:00:00Z',
    '1969-12-31T23:59:59Z',
    '2106-01-01T00:00:00Z',
    '0000-01-01T00:00:00Z',
  ])('%s is none', text => expect(readEventTime(text)).toHaveProperty('problem'))
})
