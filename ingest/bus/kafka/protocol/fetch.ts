import type { Api } from './api.ts'
import type { WireReader } from './wire-reader.ts'

export interface FetchPartition {
  readonly topicId: string
  readonly partition: number
  readonly offset: bigint
  readonly maxBytes: number
}

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

export interface FetchedPartition {
  readonly topicId: string
  readonly partition: number
  readonly error: number
  /** The end of what may be read: transactions that are still open are behind it. */
  readonly lastStableOffset: bigint
  readonly logStartOffset: bigint
  readonly aborted: readonly AbortedTransaction[]
  /** Record batches; the last one may be cut short. */
  readonly records: Buffer
}

const readCommitted = 1

function readPartition(reader: WireReader, topicId: string): FetchedPartition {
  const partition = reader.int32()
  const error = reader.int16()
  reader.int64()
  const lastStableOffset = reader.int64()
  const logStartOffset = reader.int64()
  const aborted = reader.compactArray(item => {
    const transaction = { producerId: item.int64(), firstOffset: item.int64() }
    item.skipTags()
    return transaction
  })
  reader.int32()
  const records = reader.compactNullableBytes() ?? Buffer.alloc(0)
  reader.skipTags()
  return { topicId, partition, error, lastStableOffset, logStartOffset, aborted, records }
}

/** Asks by topic id, so that a topic made anew under the same name is never taken for the former one. */
export const fetchApi: Api<
  { readonly maxWaitMs: number; readonly maxBytes: number; readonly partitions: readonly FetchPartition[] },
  { readonly error: number; readonly partitions: readonly FetchedPartition[] }
> = {
  name: 'Fetch',
  key: 1,
  version: 13,
  flexible: true,
  write: (writer, { maxWaitMs, maxBytes, partitions }) => {
    // No fetch session: each request names all it wants.
    writer.int32(-1).int32(maxWaitMs).int32(1).int32(maxBytes).int8(readCommitted).int32(0).int32(-1)
    writer.compactArray([...Map.groupBy(partitions, ({ topicId }) => topicId)], (topic, [id, wanted]) => {
      topic.raw(Buffer.from(id, 'hex'))
      topic.compactArray(wanted, (item, { partition, offset, maxBytes: most }) =>
        item.int32(partition).int32(-1).int64(offset).int32(-1).int64(-1n).int32(most).noTags(),
      )
      topic.noTags()
    })
    writer
      .compactArray([], () => undefined)
      .compactString('')
      .noTags()
  },
  read: reader => {
    reader.int32()
    const error = reader.int16()
    reader.int32()
    const partitions = reader.compactArray(topic => {
      const topicId = topic.uuid()
      const fetched = topic.compactArray(item => readPartition(item, topicId))
      topic.skipTags()
      return fetched
    })
    return { error, partitions: partitions.flat() }
  },
}
