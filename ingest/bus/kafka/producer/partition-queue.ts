import { type BackOff, backOffMs } from '../../../../lib/back-off.ts'
import { NinefoldError } from '../../../../lib/errors.ts'
import type { Topic } from '../../bus.ts'
import type { Cluster } from '../cluster.ts'
import { brokerError } from '../connection-errors.ts'
import type { KafkaProducerOptions } from '../options.ts'
import { batchOverheadBytes, encodeBatch, type RecordToSend, recordOverheadBytes } from '../protocol/encode-batch.ts'
import { brokerErrors } from '../protocol/error-codes.ts'
import { initProducerIdApi, produceApi } from '../protocol/produce.ts'
import { halvePayload } from './split-payload.ts'

interface Waiting {
  readonly record: RecordToSend
  readonly deadlineMs: number
  resolve(tooLarge: readonly Uint8Array[]): void
  reject(error: unknown): void
}

/** The broker's answer will not change by itself. */
const lasting = new Set<number>([
  brokerErrors.topicAuthorizationFailed,
  brokerErrors.clusterAuthorizationFailed,
  brokerErrors.messageTooLarge,
  brokerErrors.recordListTooLarge,
])
/** The broker no longer knows, or never knew, this producer's last sequence. */
const lostSequence = new Set<number>([
  brokerErrors.outOfOrderSequence,
  brokerErrors.unknownProducerId,
  brokerErrors.invalidProducerEpoch,
])
const sequences = 2 ** 31
const backOff: BackOff = { firstMs: 100, longestMs: 2000, random: Math.random }

/**
 * Records on their way to one partition: one batch at a time, so that order is kept, and tried with the same sequence until the broker has
 * answered, so that a retry is never written twice. The next batch gathers meanwhile.
 */
export class PartitionQueue {
  readonly #cluster: Cluster
  readonly #options: KafkaProducerOptions
  readonly #topic: Topic
  readonly #partition: number
  readonly #onRetry: () => void
  #waiting: Waiting[] = []
  #sending: Promise<void> | undefined
  /** Null before the first batch, and after one whose fate is not known: what follows must not depend on it. */
  #producer: { readonly producerId: bigint; readonly epoch: number; next: number } | null = null

  constructor(
    target: { readonly topic: Topic; readonly partition: number },
    parts: { readonly cluster: Cluster; readonly options: KafkaProducerOptions; readonly onRetry: () => void },
  ) {
    this.#topic = target.topic
    this.#partition = target.partition
    this.#cluster = parts.cluster
    this.#options = parts.options
    this.#onRetry = parts.onRetry
  }

  /**
   * Resolves when all in-sync replicas have the record. What the topic finds too large is cut and sent in parts.
   * @returns the parts of its value that are too large though they cannot be cut any further; all else is durable.
   */
  append(record: RecordToSend): Promise<readonly Uint8Array[]> {
    // By the monotonic clock: a step of the wall clock must not refuse what a broker has taken, nor wait an hour.
    const deadlineMs = performance.now() + this.#options.deliveryTimeoutMs
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, deadlineMs, resolve, reject })
      this.#sending ??= this.#sendAll()
    })
  }

  /** Until nothing waits any more. */
  async drained(): Promise<void> {
    await this.#sending
  }

  async #sendAll(): Promise<void> {
    // Those that come in the same turn go together.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      try {
        await this.#deliver(group)
        for (const { resolve } of group) resolve([])
      } catch (error) {
        if (isTooLarge(error)) await this.#deliverEach(group)
        else for (const { reject } of group) reject(error)
      }
    }
    this.#sending = undefined
  }

  /** The limit is the batch's: what was refused together may pass alone. */
  async #deliverEach(group: readonly Waiting[]): Promise<void> {
    for (const one of group) {
      const delivered = group.length > 1 ? this.#deliverAlone(one) : this.#deliverParts(one)
      await delivered.then(one.resolve, one.reject)
    }
  }

  async #deliverAlone(one: Waiting): Promise<readonly Uint8Array[]> {
    try {
      await this.#deliver([one])
      return []
    } catch (error) {
      if (isTooLarge(error)) return this.#deliverParts(one)
      throw error
    }
  }

  /** Of what was refused alone; in its place before what waits, so that a resource keeps its order. */
  async #deliverParts(one: Waiting): Promise<readonly Uint8Array[]> {
    const parts = halvePayload(this.#topic, one.record.value)
    if (parts.length < 2) return [one.record.value]
    const tooLarge: Uint8Array[] = []
    for (const value of parts)
      tooLarge.push(...(await this.#deliverAlone({ ...one, record: { ...one.record, value } })))
    return tooLarge
  }

  #takeGroup(): Waiting[] {
    let bytes = batchOverheadBytes
    const end = this.#waiting.findIndex(({ record }, index) => {
      bytes += sizeOf(record)
      return index > 0 && bytes > this.#options.maxMessageBytes
    })
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  async #deliver(group: readonly Waiting[]): Promise<void> {
    const { compression } = this.#options
    const deadlineMs = group[0]?.deadlineMs ?? 0
    let batch: Buffer | undefined
    let failure: unknown
    for (let tries = 0; performance.now() < deadlineMs || tries === 0; tries++) {
      if (tries > 0) await this.#pause(tries)
      try {
        this.#producer ??= await this.#newProducer()
        batch ??= await encodeBatch(
          group.map(({ record }) => record),
          { ...this.#producer, first: this.#producer.next },
          compression,
        )
        const error = await this.#send(batch, deadlineMs)
        if (error === brokerErrors.none || error === brokerErrors.duplicateSequence) {
          this.#producer.next = (this.#producer.next + group.length) % sequences
          return
        }
        failure = brokerError(error, `Write on topic ${this.#topic}`)
        if (lasting.has(error)) throw failure
        if (lostSequence.has(error)) {
          this.#producer = null
          batch = undefined
        }
      } catch (error) {
        if (error instanceof NinefoldError && isLasting(error)) throw error
        failure = error
      }
    }
    this.#producer = null
    const message = `${this.#topic}/${this.#partition} took nothing for ${this.#options.deliveryTimeoutMs} ms`
    throw new NinefoldError('BUS_WRITE_FAILED', message, { cause: failure })
  }

  async #send(batch: Buffer, deadlineMs: number): Promise<number> {
    const leader = this.#cluster.leaderOf(this.#topic, this.#partition)
    if (leader < 0) return brokerErrors.leaderNotAvailable
    const timeoutMs = Math.max(1000, Math.min(15_000, deadlineMs - performance.now()))
    const results = await this.#cluster.callNode(
      leader,
      produceApi,
      { timeoutMs, batches: [{ topic: this.#topic, partition: this.#partition, records: batch }] },
      { timeoutMs },
    )
    return results[0]?.error ?? -1
  }

  async #newProducer() {
    const { error, producerId, epoch } = await this.#cluster.callAny(initProducerIdApi, null)
    // Whoever may write to any topic gets an id, since Kafka 3.0.
    const what = `Write on topic ${this.#topic} (before Kafka 3.0 also IdempotentWrite on the cluster)`
    if (error !== brokerErrors.none) throw brokerError(error, what)
    return { producerId, epoch, next: 0 }
  }

  /** With jitter, so that many do not come back together; the layout is read anew, as its leader may be another. */
  async #pause(tries: number): Promise<void> {
    this.#onRetry()
    await this.#options.clock.sleep(backOffMs(tries, backOff))
    await this.#cluster.refresh().catch((error: unknown) => {
      this.#options.logger.debug({ err: error, topic: this.#topic }, 'the layout of the cluster could not be read')
    })
  }
}

export function sizeOf({ key, value, headers }: RecordToSend): number {
  const inHeaders = headers.reduce((sum, [name, text]) => sum + name.length + Buffer.byteLength(text) + 4, 0)
  return recordOverheadBytes + key.length + value.length + inHeaders
}

function isTooLarge(error: unknown): boolean {
  if (!(error instanceof NinefoldError)) return false
  const code = error.details.brokerError
  return code === brokerErrors.messageTooLarge || code === brokerErrors.recordListTooLarge
}

function isLasting(error: NinefoldError): boolean {
  return error.code === 'BUS_ACCESS_DENIED' || error.code === 'BUS_CLOSED' || isTooLarge(error)
}
