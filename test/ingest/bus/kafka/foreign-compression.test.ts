import { randomBytes } from 'node:crypto'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compressionCodes } from '../../../../ingest/bus/kafka/protocol/compression.ts'
import { decodeBatches } from '../../../../ingest/bus/kafka/protocol/decode-batches.ts'
import { codecOf, recordBatches } from '../../../factories/kafka-batches.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { tracesOf } from '../../otlp/sample-payloads.ts'

let kafka: KafkaCluster
let foreign: Kafka

beforeAll(async () => {
  kafka = await startKafka()
  foreign = new Kafka({ brokers: [...kafka.addresses], logLevel: logLevel.NOTHING, clientId: 'somebody-else' })
})
afterAll(() => kafka.close())

const packedByBroker = ['gzip', 'snappy', 'lz4', 'zstd'] as const

/** Several blocks of every codec: bytes that shrink, telemetry, bytes that do not shrink, few and none. */
const values = [
  Buffer.alloc(300_000, 'ninefold'),
  tracesOf('shop', 0, 200),
  randomBytes(100_000),
  Buffer.from('x'),
  Buffer.alloc(0),
]

it.each(packedByBroker)('what the broker packs with %s is read, in one batch and in many', async codec => {
  const topic = `packed-${codec}`
  const admin = foreign.admin()
  await admin.connect()
  await admin.createTopics({
    topics: [
      {
        topic,
        numPartitions: 1,
        replicationFactor: 1,
        configEntries: [{ name: 'compression.type', value: codec }],
      },
    ],
  })
  await admin.disconnect()
  const producer = foreign.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic, messages: values.map(value => ({ value, partition: 0 })) })
  for (const value of values) await producer.send({ topic, messages: [{ value, partition: 0 }] })
  await producer.disconnect()

  const batches = await recordBatches(kafka.addresses, topic)
  expect(batches.map(codecOf)).toEqual(Array.from({ length: 1 + values.length }, () => compressionCodes[codec]))
  const { records, next, failure } = await decodeBatches(Buffer.concat(batches), 0n, [])
  expect(failure).toBeNull()
  expect(next).toBe(BigInt(values.length * 2))
  expect(records.map(({ corrupt, value }) => [corrupt, value.length])).toEqual(
    [...values, ...values].map(value => [false, value.length]),
  )
  expect(records.every(({ value }, at) => values[at % values.length]?.equals(value))).toBe(true)
})
