import { afterAll, beforeAll, expect, it } from 'vitest'
import { openKafkaProducer } from '../../../ingest/bus/kafka/producer/kafka-producer.ts'
import { createDeadLetterBox } from '../../../ingest/sink/dead-letter-box.ts'
import { systemClock } from '../../../lib/clock.ts'
import { deadLetters } from '../../../store/tables/dead-letters.ts'
import { recordBatches } from '../../factories/kafka-batches.ts'
import { type KafkaCluster, startKafka } from '../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../factories/kafka-bus.ts'
import { openStoreUnderTest, type StoreUnderTest } from '../../factories/store.ts'
import { encode, requestTypes, span, traces } from '../otlp/sample-payloads.ts'

const topic = 'otlp_spans'

let kafka: KafkaCluster
let under: StoreUnderTest

beforeAll(async () => {
  ;[kafka, under] = await Promise.all([startKafka(), openStoreUnderTest()])
})
afterAll(async () => {
  await kafka.close()
  await under.close()
})

it('says what of a letter was too large for the bus, and does not put the rest there twice', async () => {
  const options = kafkaOptions(kafka.addresses, { maxMessageBytes: 10_000, compression: 'none' })
  const { producer, close } = await openKafkaProducer(options)
  const { writer } = under.store
  const box = createDeadLetterBox({ writer, producer, clock: systemClock })
  const spans = ['kept', 'x'.repeat(20_000)].map(name => ({ ...span(0), name }))
  const now = Date.now()
  const letter = {
    Id: 'letter',
    Topic: topic,
    Partition: 0,
    Offset: 7n,
    LogId: 'log',
    Reason: 'SINK_POISON_PAYLOAD',
    Message: 'the engine refused it',
    Source: 'test',
    ReceivedAt: now,
    QuarantinedAt: now,
    State: 'quarantined' as const,
    Payload: encode(requestTypes.traces, traces(spans)).toString('base64'),
    Version: 1n,
  }
  await writer.insert(deadLetters, [letter])
  await expect(box.replay('letter')).rejects.toMatchObject({
    code: 'BUS_RECORD_TOO_LARGE',
    message: expect.stringMatching(/^1 items .*kafka\.maxMessageBytes is 10000.*; the rest is on the bus$/),
  })
  expect((await box.list(10)).map(({ id, state }) => [id, state])).toEqual([['letter', 'replayed']])
  const sent = Buffer.concat([...(await recordBatches(kafka.addresses, topic))])
  expect([sent.includes('kept'), sent.includes('xxxx')]).toEqual([true, false])
  await close()
})
