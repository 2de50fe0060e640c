import { asNinefoldError, NinefoldError } from '../../../../lib/errors.ts'
import { allKept, type Produced, type ProduceRecord, type ProducerHalf, type Topic, topics } from '../../bus.ts'
import { createCluster } from '../cluster.ts'
import { brokerError } from '../connection-errors.ts'
import { keepRefreshed } from '../keep-refreshed.ts'
import type { KafkaProducerOptions } from '../options.ts'
import { headerNames } from '../protocol/decode-batches.ts'
import { batchOverheadBytes } from '../protocol/encode-batch.ts'
import { brokerErrors } from '../protocol/error-codes.ts'
import { PartitionQueue } from './partition-queue.ts'
import { countItems, splitPayload } from './split-payload.ts'

/** Kept free in a message beside the payload: the batch's head, the record's, key and headers. */
const envelopeBytes = batchOverheadBytes + 1024
const longestSource = 200

/**
 * The producer half alone: joins no group. Resolves when a broker has answered, or after a while without: then it goes on trying, and
 * `produce` waits for it up to the delivery timeout.
 * @throws BUS_ACCESS_DENIED, BUS_TLS_REFUSED, BUS_BROKER_TOO_OLD: what only somebody can change.
 */
export async function openKafkaProducer(options: KafkaProducerOptions): Promise<ProducerHalf> {
  const { clock, meter, maxInFlightBytes, maxMessageBytes } = options
  const logger = options.logger.child({ component: 'kafka-producer' })
  const cluster = createCluster(options.topics ?? Object.values(topics), options)
  const layout = await keepRefreshed(cluster, { ...options, logger })
  const queues = new Map<string, PartitionQueue>()
  const underWay = new Set<Promise<Produced>>()
  let bytesInFlight = 0
  let closed = false

  const retries = meter.createCounter('ninefold_bus_produce_retries_total', { description: 'Batches tried again' })
  const seconds = meter.createHistogram('ninefold_bus_produce_seconds', { description: "Until the broker's answer" })
  meter
    .createObservableGauge('ninefold_bus_in_flight_bytes', { description: 'Bytes that no broker has answered yet' })
    .addCallback(observer => observer.observe(bytesInFlight))

  const queueOf = (topic: Topic, partition: number): PartitionQueue => {
    const name = `${topic}/${partition}`
    const known = queues.get(name)
    if (known !== undefined) return known
    const made = new PartitionQueue(
      { topic, partition },
      { cluster, options, onRetry: () => retries.add(1, { topic }) },
    )
    queues.set(name, made)
    return made
  }

  const warned = new Set<Topic>()
  const warnOfLimit = (topic: Topic): void => {
    if (warned.has(topic)) return
    warned.add(topic)
    const text =
      'the topic takes smaller messages than kafka.maxMessageBytes: lower the key, or raise its max.message.bytes'
    logger.warn({ topic, maxMessageBytes }, text)
  }

  /** The number of partitions, as soon as it is known. */
  const partitionsOf = async (topic: Topic): Promise<number> => {
    const deadlineMs = performance.now() + options.deliveryTimeoutMs
    for (;;) {
      const count = cluster.topics().get(topic)?.leaders.length
      if (count !== undefined && count > 0) return count
      if (performance.now() >= deadlineMs)
        throw layout.failure() ?? brokerError(brokerErrors.unknownTopicOrPartition, topic)
      layout.refreshSoon()
      await clock.sleep(200)
    }
  }

  const send = async (sent: ProduceRecord): Promise<Produced> => {
    const { topic, value, receivedAtMs, source, contentType, isDistinct = false } = sent
    const partitions = await partitionsOf(topic)
    const { pieces, tooLarge } = splitPayload(topic, value, partitions, maxMessageBytes - envelopeBytes)
    const headers: [name: string, value: string][] = [
      [headerNames.source, source.slice(0, longestSource)],
      [headerNames.receivedAt, String(receivedAtMs)],
    ]
    if (isDistinct) headers.push([headerNames.distinct, '1'])
    if (contentType !== undefined) headers.push([headerNames.contentType, contentType])
    const results = await Promise.allSettled(
      pieces.map(({ partition, key, value: piece }) =>
        queueOf(topic, partition).append({ key, value: piece, timestampMs: receivedAtMs, headers }),
      ),
    )
    const refused: Uint8Array[] = []
    for (const result of results) {
      if (result.status === 'rejected') throw asNinefoldError(result.reason)
      refused.push(...result.value)
    }
    if (refused.length > 0) warnOfLimit(topic)
    return tellLeftOut(topic, value, [
      { parts: tooLarge, limit: `kafka.maxMessageBytes is ${maxMessageBytes}` },
      { parts: refused, limit: `max.message.bytes of topic ${topic} is less than kafka.maxMessageBytes` },
    ])
  }

  const produce = async (record: ProduceRecord): Promise<Produced> => {
    const bytes = record.value.length
    if (closed) throw new NinefoldError('BUS_CLOSED', 'the connection to Kafka is closed')
    if (bytesInFlight > 0 && bytesInFlight + bytes > maxInFlightBytes) {
      throw new NinefoldError('BUS_BACK_PRESSURE', `${bytesInFlight} bytes wait for the broker`)
    }
    bytesInFlight += bytes
    const startedMs = performance.now()
    const sending = send(record).finally(() => {
      bytesInFlight -= bytes
      underWay.delete(sending)
      seconds.record((performance.now() - startedMs) / 1000, { topic: record.topic })
    })
    underWay.add(sending)
    return await sending
  }

  return {
    producer: { produce, pressure: () => ({ bytesInFlight, lagBytes: 0, lagRecords: 0 }) },
    ping: layout.ping,
    close: async () => {
      closed = true
      await Promise.allSettled([...underWay])
      layout.stop()
      await cluster.close()
    },
  }
}

interface LeftOut {
  readonly parts: readonly Uint8Array[]
  /** The setting and whose it is. */
  readonly limit: string
}

/** @throws BUS_RECORD_TOO_LARGE when nothing of the payload is left. */
function tellLeftOut(topic: Topic, value: Uint8Array, causes: readonly LeftOut[]): Produced {
  const told = causes.filter(({ parts }) => parts.length > 0)
  if (told.length === 0) return allKept
  const counted = told.map(({ parts, limit }) => ({
    items: parts.reduce((sum, part) => sum + countItems(topic, part), 0),
    limit,
  }))
  const fit = 'do not fit into a message with their resource and scope and were not kept'
  const reasons = counted.map(({ items, limit }) => `${items} items ${fit} (${limit})`)
  const leftOut = counted.reduce((sum, { items }) => sum + items, 0)
  if (leftOut === countItems(topic, value)) throw new NinefoldError('BUS_RECORD_TOO_LARGE', reasons.join('; '))
  return { leftOut, reasons }
}
