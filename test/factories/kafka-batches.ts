import type { BusRecord } from '../../ingest/bus/bus.ts'
import { createCluster } from '../../ingest/bus/kafka/cluster.ts'
import { decodeBatches } from '../../ingest/bus/kafka/protocol/decode-batches.ts'
import { fetchApi } from '../../ingest/bus/kafka/protocol/fetch.ts'
import { kafkaOptions } from './kafka-bus.ts'

const largestFetchBytes = 16 * 1024 * 1024
const bytesBeforeLengthCounts = 12
const attributesAt = 21

/** The record batches of a small topic as the broker has them, partition by partition. */
export async function recordBatches(addresses: readonly string[], topic: string): Promise<readonly Buffer[]> {
  const cluster = createCluster([topic], kafkaOptions(addresses))
  try {
    await cluster.refresh()
    const { id: topicId = '', leaders = [] } = cluster.topics().get(topic) ?? {}
    const batches: Buffer[] = []
    for (const partition of leaders.keys()) {
      const asked = { topicId, partition, offset: 0n, maxBytes: largestFetchBytes }
      const params = { maxWaitMs: 250, maxBytes: largestFetchBytes, partitions: [asked] }
      const timing = { purpose: 'fetch', timeoutMs: 30_000 } as const
      const answer = await cluster.callNode(cluster.leaderOf(topic, partition), fetchApi, params, timing)
      batches.push(...split(answer.partitions[0]?.records ?? Buffer.alloc(0)))
    }
    return batches
  } finally {
    await cluster.close()
  }
}

export interface TopicReader {
  /** What has come since the last time; from the beginning at first. */
  read(): AsyncIterable<BusRecord>
  close(): Promise<void>
}

/** Reads a topic as the broker has it, beside whoever else reads it. */
export async function openTopicReader(addresses: readonly string[], topic: string): Promise<TopicReader> {
  const cluster = createCluster([topic], kafkaOptions(addresses))
  await cluster.refresh()
  const { id: topicId = '', leaders = [] } = cluster.topics().get(topic) ?? {}
  const positions = leaders.map(() => 0n)

  async function* readPartition(partition: number): AsyncIterable<BusRecord> {
    for (;;) {
      const from = positions[partition] ?? 0n
      const asked = { topicId, partition, offset: from, maxBytes: largestFetchBytes }
      const params = { maxWaitMs: 10, maxBytes: largestFetchBytes, partitions: [asked] }
      const timing = { purpose: 'fetch', timeoutMs: 30_000 } as const
      const answer = await cluster.callNode(cluster.leaderOf(topic, partition), fetchApi, params, timing)
      const { records, next } = await decodeBatches(answer.partitions[0]?.records ?? Buffer.alloc(0), from, [])
      if (next === null) return
      positions[partition] = next
      yield* records
    }
  }
  return {
    read: async function* () {
      for (const partition of positions.keys()) yield* readPartition(partition)
    },
    close: () => cluster.close(),
  }
}

function split(records: Buffer): readonly Buffer[] {
  const batches: Buffer[] = []
  for (let at = 0; at < records.length; ) {
    const end = at + bytesBeforeLengthCounts + records.readInt32BE(at + 8)
    batches.push(records.subarray(at, end))
    at = end
  }
  return batches
}

/** The number of the codec that a batch says it is packed with. */
export const codecOf = (batch: Buffer): number => batch.readInt16BE(attributesAt) & 7
