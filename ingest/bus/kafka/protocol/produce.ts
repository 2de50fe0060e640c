import type { Api } from './api.ts'

export interface PartitionRecords {
  readonly topic: string
  readonly partition: number
  /** One record batch. */
  readonly records: Uint8Array
}

interface ProduceResult {
  readonly topic: string
  readonly partition: number
  readonly error: number
}

/** Waits for all in-sync replicas. Each partition is named once. */
export const produceApi: Api<
  { readonly timeoutMs: number; readonly batches: readonly PartitionRecords[] },
  readonly ProduceResult[]
> = {
  name: 'Produce',
  key: 0,
  version: 7,
  flexible: false,
  write: (writer, { timeoutMs, batches }) => {
    writer.nullableString(null).int16(-1).int32(timeoutMs)
    writer.array(batches, (item, { topic, partition, records }) =>
      item.string(topic).int32(1).int32(partition).bytes(records),
    )
  },
  read: reader =>
    reader
      .array(topic => {
        const name = topic.string()
        return topic.array(item => {
          const result = { topic: name, partition: item.int32(), error: item.int16() }
          item.raw(24)
          return result
        })
      })
      .flat(),
}

export const initProducerIdApi: Api<
  null,
  { readonly error: number; readonly producerId: bigint; readonly epoch: number }
> = {
  name: 'InitProducerId',
  key: 22,
  version: 1,
  flexible: false,
  write: writer => void writer.nullableString(null).int32(0),
  read: reader => {
    reader.int32()
    return { error: reader.int16(), producerId: reader.int64(), epoch: reader.int16() }
  },
}
