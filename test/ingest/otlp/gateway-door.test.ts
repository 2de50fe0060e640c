import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { OtlpGatewayOptions } from '../../../ingest/otlp/gateway.ts'
import type { ListeningGateway } from '../../../ingest/otlp/listening-gateway.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import {
  createGatedProducer,
  createRecordingProducer,
  createTestGateway,
  mendedByOthers,
  post,
  protobufStatus,
  protobufType,
  startGateway,
} from './gateway-under-test.ts'
import { tracesPayload } from './sample-payloads.ts'

const running: ListeningGateway[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(gateway => gateway.close()))
})

async function start(options: Partial<OtlpGatewayOptions> = {}) {
  const producer = createRecordingProducer()
  const gateway = await startGateway(producer, options)
  running.push(gateway)
  return { producer, url: gateway.address, gateway }
}

describe('tokens', () => {
  it('let in whoever sends one of them and answer 401 to all others', async () => {
    const { producer, url } = await start({ tokens: ['first-token', 'second-token'] })
    const sendWith = (authorization: string | null) =>
      post(
        `${url}/v1/traces`,
        tracesPayload(1),
        authorization === null ? protobufType : { ...protobufType, authorization },
      )
    for (const refused of [
      null,
      'Bearer wrong',
      'Bearer first-toke',
      'Bearer first-tokenx',
      'Basic first-token',
      'Bearer ',
    ]) {
      const sent = await sendWith(refused)
      expect([sent.status, sent.headers.get('www-authenticate'), protobufStatus(sent).code]).toEqual([
        401,
        'Bearer',
        16,
      ])
    }
    expect(producer.records).toEqual([])
    expect((await sendWith('Bearer first-token')).status).toBe(200)
    expect((await sendWith('bearer second-token')).status).toBe(200)
  })

  it('are needed before the gateway listens beyond loopback', async () => {
    const gateway = createTestGateway(createRecordingProducer())
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'ninefold.example']) {
      await expect(gateway.listen(host, 0)).rejects.toMatchObject({ code: 'LISTEN_WITHOUT_TOKENS' })
    }
    const guarded = createTestGateway(createRecordingProducer(), { tokens: ['t'] })
    running.push(await guarded.listen('0.0.0.0', 0))
  })
})

describe('back-pressure', () => {
  it('of too many bytes in flight answers 429 with Retry-After and lets up when they are durable', async () => {
    const { producer, entered, open } = createGatedProducer()
    const payload = tracesPayload(10)
    const gateway = await startGateway(producer, { maxBytesInFlight: payload.length + 10 })
    running.push(gateway)
    const first = post(`${gateway.address}/v1/traces`, payload)
    await entered
    const second = await post(`${gateway.address}/v1/traces`, payload)
    expect([second.status, second.headers.get('retry-after'), protobufStatus(second).code]).toEqual([429, '1', 14])
    open()
    expect((await first).status).toBe(200)
    expect((await post(`${gateway.address}/v1/traces`, payload)).status).toBe(200)
  })

  it('of a store too far behind answers 503 with Retry-After', async () => {
    const { producer, url } = await start({ maxLagBytes: 1000 })
    producer.pressureNow = { bytesInFlight: 0, lagBytes: 1001, lagRecords: 1 }
    const sent = await post(`${url}/v1/traces`, tracesPayload(1))
    expect([sent.status, sent.headers.get('retry-after')]).toEqual([503, '1'])
    producer.pressureNow = { bytesInFlight: 0, lagBytes: 1000, lagRecords: 1 }
    expect((await post(`${url}/v1/traces`, tracesPayload(1))).status).toBe(200)
  })

  it.each([
    ['a full disk', new NinefoldError('DISK_FULL', 'no space left'), 503, '30'],
    ['a bus that holds all it may', new NinefoldError('BUS_BACK_PRESSURE', 'full'), 503, '1'],
    ['a closing bus', new NinefoldError('BUS_CLOSED', 'closing'), 503, '5'],
    ['an unforeseen failure of the bus', new Error('EIO'), 503, '1'],
    ['a record beyond a segment', new NinefoldError('BUS_RECORD_TOO_LARGE', 'too large'), 413, null],
    ['a code that no answer is foreseen for', new NinefoldError('INTERNAL', 'at 10.0.0.7'), 503, '1'],
  ])('of %s keeps the payload with its sender', async (_name, error, status, retryAfter) => {
    const { producer, url } = await start()
    producer.refuseWith = error
    const sent = await post(`${url}/v1/traces`, tracesPayload(1))
    expect([sent.status, sent.headers.get('retry-after')]).toEqual([status, retryAfter])
  })
})

describe('a bus that does not take it now', () => {
  it.each(mendedByOthers)(
    'answers 503, 14 with Retry-After at both doors, and shows nothing of it (%s)',
    async (code, seconds) => {
      const { producer, url } = await start()
      producer.refuseWith = new NinefoldError(code, 'broker 10.0.0.7:9092 and user alice')
      const sent = await post(`${url}/v1/traces`, tracesPayload(1))
      expect([sent.status, sent.headers.get('retry-after'), protobufStatus(sent).code]).toEqual([503, seconds, 14])
      expect(protobufStatus(sent).message).toMatch(new RegExp(`^${code}: the bus does not take it now\\. `))
      producer.refuseWith = null
      expect((await post(`${url}/v1/traces`, tracesPayload(1))).status).toBe(200)
    },
  )
})

describe('browsers', () => {
  const cors = { origins: ['https://shop.example', 'https://*.shop.example'], headers: ['x-trace'], maxAgeSeconds: 600 }
  const preflight = (url: string, origin: string) =>
    fetch(`${url}/v1/traces`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })

  it('of a configured page get leave to post, and see the answer', async () => {
    const { url } = await start({ cors, tokens: ['t'] })
    for (const origin of ['https://shop.example', 'https://eu.shop.example']) {
      const allowed = await preflight(url, origin)
      expect(allowed.status).toBe(204)
      expect(allowed.headers.get('access-control-allow-origin')).toBe(origin)
      expect(allowed.headers.get('access-control-allow-headers')).toContain('x-trace')
      expect(allowed.headers.get('access-control-max-age')).toBe('600')
      const headers = { ...protobufType, origin, authorization: 'Bearer t' }
      const sent = await post(`${url}/v1/traces`, tracesPayload(1), headers)
      expect([sent.status, sent.headers.get('access-control-allow-origin')]).toEqual([200, origin])
    }
  })

  it('of other pages, and of all pages without the setting, get no leave', async () => {
    const { url } = await start({ cors })
    for (const origin of ['https://shop.example.evil', 'http://shop.example', 'https://evil/.shop.example', 'null']) {
      const refused = await preflight(url, origin)
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([405, null])
    }
    const closed = await start()
    expect((await preflight(closed.url, 'https://shop.example')).headers.get('access-control-allow-origin')).toBe(null)
  })
})

describe('listening', () => {
  it('on a taken port says so in our terms', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const gateway = createTestGateway(createRecordingProducer())
    await expect(gateway.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'PORT_IN_USE' })
    await new Promise(resolve => other.close(resolve))
  })

  it('ends with an answer to every request under way', async () => {
    const { producer, entered, open } = createGatedProducer()
    const gateway = await startGateway(producer)
    const underWay = post(`${gateway.address}/v1/traces`, tracesPayload(1))
    await entered
    const closed = gateway.close()
    open()
    expect((await underWay).status).toBe(200)
    await closed
    await expect(post(`${gateway.address}/v1/traces`, tracesPayload(1))).rejects.toThrow()
  })
})
