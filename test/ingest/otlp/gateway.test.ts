import { connect } from 'node:net'
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { OtlpGatewayOptions } from '../../../ingest/otlp/gateway.ts'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
import type { ListeningGateway } from '../../../ingest/otlp/listening-gateway.ts'
import {
  createGatedProducer,
  createRecordingProducer,
  jsonType,
  post,
  protobufStatus,
  protobufType,
  type RecordingProducer,
  type Sent,
  startGateway,
} from './gateway-under-test.ts'
import {
  attribute,
  countItems,
  decode,
  encode,
  everyField,
  requestTypes,
  root,
  span,
  traces,
  tracesPayload,
} from './sample-payloads.ts'

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

const statusType = root.lookupType('ExportServiceResponse')
const spansIn = (producer: RecordingProducer): number =>
  producer.records.reduce((sum, record) => sum + countItems(decode(requestTypes.traces, record.value)), 0)
const jsonStatus = (sent: Sent): { code: number; message: string } => JSON.parse(sent.body.toString())

describe('an accepted request', () => {
  it.each(['traces', 'logs', 'metrics'] as const)('reaches the topic of its signal as it came (%s)', async signal => {
    const { producer, url } = await start()
    const sent = await post(`${url}/v1/${signal}`, everyField[signal])
    expect(sent.status).toBe(200)
    expect(sent.body.length).toBe(0)
    expect(sent.headers.get('content-type')).toBe('application/x-protobuf')
    const topics = { traces: 'otlp_spans', logs: 'otlp_logs', metrics: 'otlp_metrics' }
    expect(producer.records.map(record => record.topic)).toEqual([topics[signal]])
    expect(Buffer.compare(producer.records[0]?.value ?? Buffer.alloc(0), everyField[signal])).toBe(0)
    expect(producer.records[0]?.source).toContain('127.0.0.1')
  })

  it.each([
    ['identity', (bytes: Buffer) => bytes],
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['zstd', zstdCompressSync],
  ] as const)('may be sent with content-encoding %s', async (encoding, compress) => {
    const { producer, url } = await start()
    const payload = tracesPayload(512)
    const headers = { ...protobufType, 'content-encoding': encoding }
    expect((await post(`${url}/v1/traces`, compress(payload), headers)).status).toBe(200)
    expect(Buffer.compare(producer.records[0]?.value ?? Buffer.alloc(0), payload)).toBe(0)
  })

  it('may be JSON and is answered in JSON', async () => {
    const { producer, url } = await start()
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }, { name: 'b' }] }] }] })
    const sent = await post(`${url}/v1/traces`, body, { 'content-type': 'application/json; charset=utf-8' })
    expect([sent.status, sent.body.toString(), sent.headers.get('content-type')]).toEqual([
      200,
      '{}',
      'application/json',
    ])
    expect(spansIn(producer)).toBe(2)
  })

  it('without items is answered 200 and leaves nothing in the bus', async () => {
    const { producer, url } = await start()
    expect((await post(`${url}/v1/traces`, Buffer.alloc(0))).status).toBe(200)
    expect((await post(`${url}/v1/logs`, '{}', jsonType)).status).toBe(200)
    expect(producer.records).toEqual([])
  })

  it('is answered only after the bus has the bytes', async () => {
    const { producer, entered, open } = createGatedProducer()
    const gateway = await startGateway(producer)
    running.push(gateway)
    let answered = false
    const sent = post(`${gateway.address}/v1/traces`, tracesPayload(1)).finally(() => {
      answered = true
    })
    await entered
    // Another request goes through the whole gateway meanwhile, so an early answer would have had its time.
    await post(`${gateway.address}/v1/traces`, Buffer.alloc(0))
    expect(answered).toBe(false)
    open()
    expect((await sent).status).toBe(200)
  })

  it('counts duplicate span ids as the two events they are', async () => {
    const { producer, url } = await start()
    const payload = encode(requestTypes.traces, traces([span(1), span(1)]))
    await post(`${url}/v1/traces`, payload)
    await post(`${url}/v1/traces`, payload)
    expect(spansIn(producer)).toBe(4)
  })

  it('may carry names with quotes, backticks and NUL, and values of 1 MB', async () => {
    const { producer, url } = await start()
    const attributes = [attribute('`quo"ted\'\0\\', '`"\'\0'), attribute('large', 'v'.repeat(1_000_000))]
    const payload = encode(requestTypes.traces, traces([{ ...span(0), attributes }]))
    expect((await post(`${url}/v1/traces`, payload)).status).toBe(200)
    expect(Buffer.compare(producer.records[0]?.value ?? Buffer.alloc(0), payload)).toBe(0)
  })

  it('is warned by a partial success of zero rejects when a timestamp had to be replaced', async () => {
    const { url } = await start()
    const payload = encode(requestTypes.traces, traces([{ ...span(0), end_time_unix_nano: '18446744073709551615' }]))
    const sent = await post(`${url}/v1/traces`, payload)
    expect(sent.status).toBe(200)
    const message = '1 timestamps are out of range and were replaced (ninefold.timestamp.original)'
    expect(statusType.toObject(statusType.decode(sent.body))).toEqual({ partial_success: { error_message: message } })
  })

  it('is told by a partial success how many metrics are of an unknown kind', async () => {
    const { producer, url } = await start()
    const known = everyField.metrics
    // A second ResourceMetrics whose one metric has a name and field 13.
    const unknown = Buffer.from([0x0a, 9, 0x12, 7, 0x12, 5, 0x0a, 1, 0x6d, 0x6a, 0])
    const sent = await post(`${url}/v1/metrics`, Buffer.concat([known, unknown]))
    expect(sent.status).toBe(200)
    const partial = statusType.toObject(statusType.decode(sent.body), { longs: Number }).partial_success
    expect(partial).toMatchObject({ rejected: 1 })
    expect(producer.records.length).toBe(1)
  })
})

describe('a refused request', () => {
  it('of an unknown content type gets 415 with what to send', async () => {
    const { url } = await start()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const sent = await post(`${url}/v1/traces`, 'x', { 'content-type': type })
      expect([sent.status, jsonStatus(sent).code]).toEqual([415, 3])
      expect(jsonStatus(sent).message).toContain('application/x-protobuf')
    }
  })

  it('of an unknown content-encoding gets 415', async () => {
    const { url } = await start()
    const sent = await post(`${url}/v1/traces`, 'x', { ...protobufType, 'content-encoding': 'br' })
    expect([sent.status, protobufStatus(sent).message]).toEqual([
      415,
      expect.stringContaining('OTLP_UNSUPPORTED_ENCODING'),
    ])
  })

  it('to an unknown path gets 404, with another method 405 and Allow', async () => {
    const { url } = await start()
    const missing = await post(`${url}/v1/profiles`, '{}', jsonType)
    expect([missing.status, jsonStatus(missing).code]).toEqual([404, 5])
    const read = await fetch(`${url}/v1/traces`)
    expect([read.status, read.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('with a body too large gets 413, announced or chunked, and the connection serves the next one', async () => {
    const { producer, url } = await start({ limits: { ...defaultOtlpLimits, maxBodyBytes: 1000 } })
    const announced = await post(`${url}/v1/traces`, Buffer.alloc(1001))
    expect([announced.status, protobufStatus(announced).code]).toEqual([413, 8])
    const stream = new ReadableStream({
      start: controller => {
        for (let chunk = 0; chunk < 20; chunk++) controller.enqueue(new Uint8Array(100))
        controller.close()
      },
    })
    const chunked = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: protobufType,
      body: stream,
      duplex: 'half',
    })
    expect(chunked.status).toBe(413)
    expect((await post(`${url}/v1/traces`, tracesPayload(1).subarray(0, 0))).status).toBe(200)
    expect(producer.records).toEqual([])
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ] as const)('that inflates beyond the limit is cut off while inflating (%s)', async (encoding, compress) => {
    const { url } = await start({ limits: { ...defaultOtlpLimits, maxDecompressedBytes: 1_000_000 } })
    const bomb = compress(Buffer.alloc(200_000_000))
    const before = process.memoryUsage().arrayBuffers
    const sent = await post(`${url}/v1/traces`, bomb, { ...protobufType, 'content-encoding': encoding })
    expect([sent.status, protobufStatus(sent).message]).toEqual([413, expect.stringContaining('1000000 bytes')])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ] as const)('whose %s is broken or cut off gets 400 with the byte', async (encoding, compress) => {
    const { url } = await start()
    const whole = compress(tracesPayload(20))
    const broken = Buffer.from(whole)
    broken.fill(0xff, 20, 40)
    for (const body of [broken, whole.subarray(0, 100), whole.subarray(0, whole.length - 1), Buffer.from('junk')]) {
      const sent = await post(`${url}/v1/traces`, body, { ...protobufType, 'content-encoding': encoding })
      expect(sent.status).toBe(400)
      expect(protobufStatus(sent).message).toMatch(/OTLP_MALFORMED_BODY: .* at byte \d+ of \d+/)
    }
  })

  it('that is malformed gets 400 with the byte in protobuf and the position or path in JSON', async () => {
    const { url } = await start()
    const protobuf = await post(`${url}/v1/traces`, Buffer.from([0x0a, 0x05, 0x0a]))
    expect([protobuf.status, protobufStatus(protobuf)]).toEqual([
      400,
      { code: 3, message: expect.stringContaining('at byte 1,') },
    ])
    const json = await post(`${url}/v1/traces`, '{"resourceSpans":[}', jsonType)
    expect([json.status, jsonStatus(json)]).toEqual([
      400,
      { code: 3, message: expect.stringContaining('position 18 of 19'), details: [] },
    ])
    const path = await post(`${url}/v1/traces`, '{"resourceSpans":[1]}', jsonType)
    expect(jsonStatus(path).message).toContain('resourceSpans[0] must be an object')
  })

  it('beyond a limit gets 400 that names the limit', async () => {
    const { url } = await start({ limits: { ...defaultOtlpLimits, maxAttributeValueBytes: 1_000_000 } })
    const attributes = [attribute('large', 'v'.repeat(1_000_000))]
    const sent = await post(`${url}/v1/traces`, encode(requestTypes.traces, traces([{ ...span(0), attributes }])))
    expect(sent.status).toBe(400)
    expect(protobufStatus(sent).message).toMatch(/OTLP_LIMIT_EXCEEDED: .*maxAttributeValueBytes = 1000000/)
  })

  it('truncated at any byte gets 200 or 400, and the next good payload is counted', async () => {
    const { producer, url } = await start()
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      const payload = everyField[signal]
      for (let length = 0; length < payload.length; length++) {
        const sent = await post(`${url}/v1/${signal}`, payload.subarray(0, length))
        expect([200, 400]).toContain(sent.status)
      }
      producer.records.length = 0
      expect((await post(`${url}/v1/${signal}`, payload)).status).toBe(200)
      expect(producer.records.length).toBe(1)
    }
  })

  it('that ends in the middle of its body harms nobody else', async () => {
    const { producer, url, gateway } = await start()
    await new Promise<void>(resolve => {
      const socket = connect(gateway.port, '127.0.0.1', () => {
        socket.write(
          'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 999\r\n\r\nab',
        )
        setTimeout(() => socket.destroy(), 50)
      })
      socket.on('close', () => resolve())
    })
    expect((await post(`${url}/v1/traces`, tracesPayload(3))).status).toBe(200)
    expect(spansIn(producer)).toBe(3)
  })
})
