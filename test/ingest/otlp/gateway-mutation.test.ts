import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { topics } from '../../../ingest/bus/bus.ts'
import { createRecordingProducer, jsonType, post, protobufType, startGateway } from './gateway-under-test.ts'
import { mutate, mutations } from './mutations.ts'
import { countItems, decode, everyField, requestTypes, tracesPayload } from './sample-payloads.ts'

const signals = ['traces', 'logs', 'metrics'] as const
const jsonBody = Buffer.from(
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] },
        scopeSpans: [
          { spans: [{ name: 'a', startTimeUnixNano: '1', attributes: [{ key: 'n', value: { intValue: 1 } }] }] },
        ],
      },
    ],
  }),
)

/** What arrives: protobuf, the same compressed (so that the damage hits the compression), or JSON. */
const damaged = fc.record({
  form: fc.constantFrom('protobuf', 'protobuf', 'gzip', 'json'),
  signal: fc.constantFrom(...signals),
  changes: mutations,
})

it('ten thousand damaged requests get 2xx or 4xx, what was accepted is whole, and the next good payload is counted', async () => {
  const producer = createRecordingProducer()
  const gateway = await startGateway(producer)
  const good = tracesPayload(1)
  const outcomes = new Map<number, number>()
  let rounds = 0

  const property = fc.asyncProperty(damaged, async ({ form, signal, changes }) => {
    producer.records.length = 0
    const sent = { protobuf: everyField[signal], gzip: gzipSync(everyField[signal]), json: jsonBody }[form]
    const headers = { protobuf: protobufType, gzip: { ...protobufType, 'content-encoding': 'gzip' }, json: jsonType }[
      form
    ]
    const { status } = await post(`${gateway.address}/v1/${signal}`, mutate(sent, changes), headers)
    outcomes.set(status, (outcomes.get(status) ?? 0) + 1)
    expect([200, 400, 413]).toContain(status)
    // A protobuf library reads what the bus was given, text in strict UTF-8, and finds something to count.
    const records = producer.records.splice(0)
    expect(records.length).toBeLessThanOrEqual(status === 200 ? 1 : 0)
    for (const record of records) {
      expect(record.topic).toBe(topics[signal])
      expect(countItems(decode(requestTypes[signal], record.value))).toBeGreaterThan(0)
    }
    if (rounds++ % 25 !== 0) return
    expect((await post(`${gateway.address}/v1/traces`, good)).status).toBe(200)
    expect(producer.records.length).toBe(1)
  })
  await fc.assert(property, { numRuns: 10_000 })
  await gateway.close()
  // Both outcomes were really exercised.
  expect(outcomes.get(200) ?? 0).toBeGreaterThan(500)
  expect(outcomes.get(400) ?? 0).toBeGreaterThan(500)
})
