import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type Topic, topics } from '../../../ingest/bus/bus.ts'
import { countStored } from '../count-stored.ts'
import { spansRequest } from '../requests.ts'
import { randomBytes } from '../run-fault.ts'
import type { River } from './river.ts'
import { asOperator, endSinks, operator, pause, pick, type RiverFault, startSinks } from './river-fault.ts'

export const groupId = 'ninefold-sink'
const allTopics: readonly Topic[] = Object.values(topics)

const poison: RiverFault = {
  name: 'kafka: poison payload',
  about: 'bytes that are no OTLP, an empty message, a tombstone or JSON, among good ones of the same partition',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random, spoil }) => {
    const cutOff = Buffer.from([0x0a, 0xff, 0xff, 0x03])
    const json = Buffer.from('{"resourceSpans":[]}')
    const value = pick([randomBytes(80, random), cutOff, json, Buffer.alloc(0), null], random)
    const producer = operator(river).producer()
    await producer.connect()
    spoil(1)
    await producer.send({ topic: pick(allTopics, random), messages: [{ value, partition: Math.floor(random() * 3) }] })
    await producer.disconnect()
  },
}

const oversize: RiverFault = {
  name: 'kafka: larger than any message may be',
  about: 'requests of several megabytes, which the broker would not take in one message',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    const run = Math.floor(random() * 2 ** 32)
    const ids = Array.from(
      { length: 20_000 + Math.floor(random() * 20_000) },
      (_, at) => `bb${hex(run, 8)}${hex(at, 6)}`,
    )
    const status = await river.producer.send(spansRequest(ids), river.otlpPort)
    if (status !== 200) throw new Error(`a request of ${ids.length} spans was answered with ${status}`)
  },
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')

const groupsTool = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'

/**
 * The sinks are halted, as an operator must, and begin at positions that nobody of them wrote. Kafka's own tool moves them: the one of kafkajs
 * reads as a member of the group to do so, and sometimes never comes back.
 */
async function resetOffsets(
  river: River,
  next: (low: bigint, high: bigint, position: bigint) => bigint,
): Promise<void> {
  await endSinks(river, 'SIGTERM')
  const lines = await asOperator(river, async admin => {
    const found: string[] = []
    for (const topic of allTopics) {
      const positions = await admin.fetchOffsets({ groupId, topics: [topic] })
      const bounds = await admin.fetchTopicOffsets(topic)
      for (const { partition, offset } of positions[0]?.partitions ?? []) {
        const bound = bounds.find(each => each.partition === partition)
        if (bound === undefined || offset === '-1') continue
        found.push(`${topic},${partition},${next(BigInt(bound.low), BigInt(bound.high), BigInt(offset))}`)
      }
    }
    return found
  })
  const file = join(tmpdir(), `ninefold-offsets-${process.pid}.csv`)
  writeFileSync(file, lines.join('\n'))
  const said = await river.kafka.tool(
    groupsTool,
    '--group',
    groupId,
    '--reset-offsets',
    '--from-file',
    file,
    '--execute',
  )
  rmSync(file)
  if (/error/i.test(said)) throw new Error(said)
  await startSinks(river)
}

const resetToStart: RiverFault = {
  name: 'kafka: offsets reset to the beginning',
  about: 'by an operator: everything is delivered once more',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river }) => resetOffsets(river, low => low),
}

const redelivery: RiverFault = {
  name: 'kafka: delivered again, out of order',
  about:
    'each partition is set back by some records, so that batches have other bounds than before and old ones follow new ones',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) =>
    resetOffsets(river, (low, _high, position) => {
      const back = BigInt(Math.floor(random() * 200))
      return position - back < low ? low : position - back
    }),
}

const addPartitions: RiverFault = {
  name: 'kafka: partitions added',
  about: 'one more partition a topic while everything runs',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    const topic = pick(allTopics, random)
    await asOperator(river, async admin => {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic] })
      const count = (found[0]?.partitions.length ?? 0) + 1
      await admin.createPartitions({ topicPartitions: [{ topic, count }] })
    })
  },
}

const retention: RiverFault = {
  name: 'kafka: retention passes the position',
  about: 'records are deleted before a sink has stored them: as many as are gone are told of',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random, spoil }) => {
    const { producer, otlpPort } = river
    await producer.fallSilent()
    await untilStored(river)
    await endSinks(river, 'SIGTERM')
    const others = operator(river).producer()
    await others.connect()
    // One with a position: of a partition that nobody has read yet, nobody can tell what is missing.
    const partition = pick(await readPartitions(river, topics.traces), random)
    const count = 1 + Math.floor(random() * 30)
    const messages = Array.from({ length: count }, (_, at) => ({
      value: Buffer.from(spansRequest([`cc${hex(at, 14)}`], 'taken away').body),
      partition,
    }))
    await others.send({ topic: topics.traces, messages })
    await others.disconnect()
    await asOperator(river, async admin => {
      const bounds = await admin.fetchTopicOffsets(topics.traces)
      const offset = bounds.find(each => each.partition === partition)?.high ?? '0'
      await admin.deleteTopicRecords({ topic: topics.traces, partitions: [{ partition, offset }] })
    })
    spoil(count)
    await startSinks(river)
    producer.pointTo(otlpPort)
  },
}

async function readPartitions(river: River, topic: Topic): Promise<number[]> {
  const found = await asOperator(river, admin => admin.fetchOffsets({ groupId, topics: [topic] }))
  return (found[0]?.partitions ?? []).filter(({ offset }) => offset !== '-1').map(({ partition }) => partition)
}

const recreateTopic: RiverFault = {
  name: 'kafka: topic deleted and made anew',
  about: 'the sinks refuse its positions until an operator gives up the former log; nothing is passed over',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river }) => {
    const { producer, otlpPort } = river
    const topic = topics.logs
    await producer.fallSilent()
    await untilStored(river)
    await asOperator(river, async admin => {
      await admin.deleteTopics({ topics: [topic] })
      await until(async () => !(await admin.listTopics()).includes(topic))
      await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: false })
    })
    const former = new Set(producer.acknowledged)
    producer.pointTo(otlpPort)
    const isNewLog = (key: string) => key.startsWith('log:') && !former.has(key)
    await until(async () => [...producer.acknowledged].some(isNewLog))
    await pause(3000)
    const { stored } = await countStored(river.asked.reader, producer)
    if ([...stored].some(isNewLog)) throw new Error('a topic made anew was read by the positions of the former one')
    await endSinks(river, 'SIGTERM')
    await asOperator(river, admin => admin.resetOffsets({ groupId, topic, earliest: true }))
    await startSinks(river)
  },
}

const clockSteps: RiverFault = {
  name: 'kafka: clock steps of an hour',
  about: 'of the gateway and of one sink, forward or back, and home again',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    const step = { kind: 'clock' as const, stepMs: random() < 0.5 ? 3_600_000 : -3_600_000 }
    const sink = pick(river.sinks, random)
    await Promise.all([river.ingest.ask(step), sink.ask(step)])
    await pause(1000 + random() * 2000)
    await Promise.all([river.ingest.ask({ ...step, stepMs: 0 }), sink.ask({ ...step, stepMs: 0 })])
  },
}

/** Until the group's position in every partition is the end that the broker tells: nothing is left, and nothing only announced. */
export async function untilStored(river: River): Promise<void> {
  await until(() =>
    asOperator(river, async admin => {
      for (const topic of Object.values(topics)) {
        const ends = await admin.fetchTopicOffsets(topic)
        const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] })
        const positionOf = (partition: number) =>
          Number(committed?.partitions.find(each => each.partition === partition)?.offset ?? -1)
        if (ends.some(({ partition, low, high }) => Number(high) > Math.max(Number(low), positionOf(partition))))
          return false
      }
      return true
    }),
  )
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 300_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('nothing changed in five minutes')
    await pause(300)
  }
}

export const logFaults: readonly RiverFault[] = [
  poison,
  oversize,
  resetToStart,
  redelivery,
  addPartitions,
  retention,
  recreateTopic,
  clockSteps,
]
