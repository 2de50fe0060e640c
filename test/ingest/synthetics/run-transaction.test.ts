import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPayloadReader } from '../../../ingest/otlp/canonical-payload.ts'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
import { unmet } from '../../../ingest/synthetics/judge-answer.ts'
import { runSpans } from '../../../ingest/synthetics/run-spans.ts'
import { runTransaction } from '../../../ingest/synthetics/run-transaction.ts'
import type { ProbeRules } from '../../../ingest/synthetics/send-request.ts'
import { systemClock } from '../../../lib/clock.ts'
import { makeAuthority } from '../../factories/certificates.ts'
import { type DecodedSpan, decodeSpans } from '../../factories/otlp.ts'
import { closedPort, type ShopUnderTest, startShop, startTlsShop } from './shop-under-test.ts'
import { transactionOf } from './transaction.ts'

const folder = mkdtempSync(join(tmpdir(), 'ninefold-prober-'))
let shop: ShopUnderTest
let tlsShop: Awaited<ReturnType<typeof startTlsShop>>
let nobody: number

beforeAll(async () => {
  shop = await startShop()
  const authority = makeAuthority(folder)
  authority.issue('shop', 'IP:127.0.0.1')
  tlsShop = await startTlsShop(authority.read('shop'))
  nobody = await closedPort()
})
afterAll(async () => {
  await shop.close()
  await tlsShop.close()
  rmSync(folder, { recursive: true, force: true })
})

const rules = { allowHosts: ['127.0.0.1'] }
async function run(
  steps: readonly string[],
  {
    schedule = '{ every: 1m, timeout: 10s }',
    ...more
  }: { schedule?: string; lookup?: NonNullable<ProbeRules['lookup']> } = {},
) {
  const options = { rules: { ...rules, ...more }, userAgent: 'ninefold-prober/test', clock: systemClock }
  const done = await runTransaction(transactionOf(steps, { schedule }), options, new AbortController().signal)
  if (done === null) throw new Error('it was given up')
  return done
}
const failureOf = async (...given: Parameters<typeof run>) => (await run(...given)).failure

describe('a run', () => {
  it('takes its steps one after another, with what earlier ones extracted, under one trace', async () => {
    const before = shop.requests.length
    const done = await run([
      `{ name: fill, request: { method: POST, url: "${shop.url}/cart", headers: { Content-Type: application/json }, body: '{"sku": "book"}' },
        extracts: { id: $.order.id, sku: "$.order['lines'][0].sku", total: $.total }, expect: { status: [200, 201], within: 5s } }`,
      `{ name: look, request: { url: "${shop.url}/orders/\${id}?total=\${total}", headers: { x-sku: "\${sku}" } },
        expect: { bodyContains: 'the \${sku} of /orders' } }`,
    ])
    expect(done.failure).toBeUndefined()
    const [fill, look] = shop.requests.slice(before)
    expect(fill).toMatchObject({ method: 'POST', body: '{"sku": "book"}' })
    expect(fill?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'ninefold-prober/test' })
    expect(look).toMatchObject({ method: 'GET', path: '/orders/a%20b%2F7?total=12.5' })
    const trace = done.traceId.toString('hex')
    expect(look?.headers).toMatchObject({
      'x-sku': 'book',
      baggage: 'synthetic=true',
      traceparent: `00-${trace}-${done.steps[1]?.spanId.toString('hex')}-01`,
    })
  })

  it('ends with the first step that fails, and says which', async () => {
    const before = shop.requests.length
    const done = await run([
      `{ name: first, request: { url: "${shop.url}/down" } }`,
      `{ name: second, request: { url: "${shop.url}/cart" } }`,
    ])
    expect(done.failure).toEqual({ step: 'first', reason: 'status', message: 'status 503, expected below 400' })
    expect(done.steps).toHaveLength(1)
    expect(shop.requests).toHaveLength(before + 1)
  })

  it('follows no redirect: it is an answer like others', async () => {
    expect(await failureOf([`{ name: moved, request: { url: "${shop.url}/moved" } }`])).toBeUndefined()
    expect(
      await failureOf([`{ name: moved, request: { url: "${shop.url}/moved" }, expect: { status: [200] } }`]),
    ).toMatchObject({ reason: 'status', message: 'status 302, expected 200' })
  })

  it('reads no more of a body than it looks into', async () => {
    const done = await run([`{ name: huge, request: { url: "${shop.url}/huge" } }`])
    expect(done.steps[0]).toMatchObject({ status: 200, bodyBytes: 1024 * 1024 })
    expect(done.failure).toBeUndefined()
  })

  it('is nothing when it is cut off: that says nothing of the service', async () => {
    const transaction = transactionOf([`{ name: slow, request: { url: "${shop.url}/slow" } }`])
    const stopping = new AbortController()
    const running = runTransaction(transaction, { rules, userAgent: 'x', clock: systemClock }, stopping.signal)
    await expect.poll(() => shop.requests.at(-1)?.path, { timeout: 20_000 }).toBe('/slow')
    stopping.abort()
    expect(await running).toBeNull()
  })
})

describe('a run fails', () => {
  const step = (path: string, rest = '') => [`{ name: ask, request: { url: "${shop.url}${path}" }${rest} }`]
  it.each([
    ['with a text that is not there', 'bodyContains', '/book', ', expect: { bodyContains: chair }'],
    ['with a text that is not in the part looked into', 'too-large', '/huge', ', expect: { bodyContains: y }'],
    ['with a value that is not there', 'extract', '/cart', ', extracts: { id: $.id }'],
    ['with a value that is no text', 'extract', '/cart', ', extracts: { id: $.order }'],
    ['with a body that is no JSON', 'extract', '/book', ', extracts: { id: $.id }'],
    ['with a body that is too large to be read as JSON', 'too-large', '/huge', ', extracts: { id: $.id }'],
    ['when the connection breaks', 'connection', '/broken', ''],
  ])('%s', async (_, reason, path, rest) => {
    expect(await failureOf(step(path, rest))).toMatchObject({ reason, step: 'ask' })
  })

  it('when the answer does not come within its time, or takes longer than was expected', async () => {
    expect(await failureOf(step('/slow'), { schedule: '{ every: 1s }' })).toMatchObject({ reason: 'timeout' })
    const [within] = transactionOf(step('/book', ', expect: { within: 1s }')).steps
    const answer = { status: 200, body: Buffer.from(''), isWhole: true }
    if (within === undefined) throw new Error('one step')
    expect(unmet(within, answer, 1000, new Map())).toBeUndefined()
    expect(unmet(within, answer, 1000.1, new Map())).toEqual({
      reason: 'within',
      message: 'took 1001 ms, expected at most 1000',
    })
  })

  it('when nobody listens, the certificate is not to be trusted, or the name has no address', async () => {
    expect(await failureOf([`{ name: ask, request: { url: "http://127.0.0.1:${nobody}/" } }`])).toMatchObject({
      reason: 'connect',
      message: `no connection to 127.0.0.1:${nobody} (ECONNREFUSED)`,
    })
    expect(await failureOf([`{ name: ask, request: { url: "${tlsShop.url}/" } }`])).toMatchObject({ reason: 'tls' })
    const lookup = ((_name: string, _options: object, done: (error: Error, addresses: unknown) => void) =>
      done(Object.assign(new Error('no'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }), [])) as never
    expect(await failureOf(['{ name: ask, request: { url: "https://shop.example.org/" } }'], { lookup })).toEqual({
      ...{ step: 'ask', reason: 'dns', message: 'shop.example.org has no address (ENOTFOUND)' },
    })
  })

  it('when a name leads to an address that is not public and not allowed', async () => {
    const lookup = ((_name: string, _options: object, done: (error: null, addresses: unknown) => void) =>
      done(null, [{ address: '10.0.0.7', family: 4 }])) as never
    expect(await failureOf(['{ name: ask, request: { url: "https://shop.example.org/" } }'], { lookup })).toEqual({
      step: 'ask',
      reason: 'refused',
      message: 'shop.example.org resolves to an address that is not public',
    })
  })
})

describe('the spans of a run', () => {
  const attributesOf = (span: DecodedSpan) =>
    Object.fromEntries(
      span.attributes.map(({ key, value: { stringValue, boolValue, intValue } }) => [
        key,
        stringValue ?? boolValue ?? Number(intValue),
      ]),
    )
  it('are one canonical request: the transaction, and its steps below it, with nothing of queries, headers and bodies', async () => {
    const done = await run([
      `{ name: fill, request: { url: "${shop.url}/cart?secret=1", headers: { x-key: secret } }, extracts: { id: $.order.id } }`,
      `{ name: pay, request: { url: "${shop.url}/down", body: "secret \${id}" } }`,
    ])
    const payload = Buffer.from(runSpans(done, { 'service.name': 'ninefold-prober', 'cloud.region': 'eu' }))
    const read = createPayloadReader(defaultOtlpLimits).read(payload, 'traces', 'protobuf', 0)
    expect(read).toMatchObject({ items: 3, rewritten: false, warnings: [], rejected: 0, hasOwnTimes: true })
    expect(payload.includes('secret')).toBe(false)
    const [root, fill, pay] = decodeSpans(payload)
    if (root === undefined || fill === undefined || pay === undefined) throw new Error('three spans')
    expect(root).toMatchObject({
      name: 'buy',
      kind: 3,
      status: { code: 2, message: 'pay: status 503, expected below 400' },
    })
    expect(attributesOf(root)).toEqual({
      synthetic: true,
      'ninefold.synthetic.transaction': 'buy',
      'ninefold.synthetic.service': 'shop',
      'ninefold.synthetic.failed_step': 'pay',
      'error.type': 'status',
    })
    expect([fill, pay].map(({ parentSpanId }) => parentSpanId)).toEqual([root.spanId, root.spanId])
    expect(fill).toMatchObject({ name: 'fill' })
    expect(fill.status).toBeUndefined()
    expect(attributesOf(pay)).toEqual({
      synthetic: true,
      'ninefold.synthetic.step': 'pay',
      'http.request.method': 'GET',
      'url.full': `${shop.url}/down`,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(shop.url).port),
      'http.response.status_code': 503,
      'http.response.body.size': 9,
      'error.type': 'status',
    })
    const times = [root, fill, pay].map(({ startTimeUnixNano, endTimeUnixNano }) => [
      Number(startTimeUnixNano) / 1e6,
      Number(endTimeUnixNano) / 1e6,
    ])
    for (const [from = 0, to = 0] of times) {
      expect(from).toBeGreaterThan(done.startMs - 1)
      expect(to).toBeGreaterThanOrEqual(from)
      expect(to).toBeLessThan(done.endMs + 1)
    }
  })
})
