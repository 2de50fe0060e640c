import type { Api } from './api.ts'
import type { GroupMember } from './group.ts'

interface OffsetToCommit {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly metadata: string
}

/** Fenced: the broker refuses a generation or member that is no longer the group's. @returns the error code. */
export const offsetCommitApi: Api<GroupMember & OffsetToCommit, number> = {
  name: 'OffsetCommit',
  key: 8,
  version: 7,
  flexible: false,
  write: (writer, { groupId, generation, memberId, instanceId, topic, partition, offset, metadata }) => {
    writer.string(groupId).int32(generation).string(memberId).nullableString(instanceId)
    writer.int32(1).string(topic).int32(1).int32(partition).int64(offset).int32(-1).string(metadata)
  },
  read: reader => {
    reader.int32()
    const errors = reader.array(topic => {
      topic.string()
      return topic.array(item => {
        item.int32()
        return item.int16()
      })
    })
    return errors.flat()[0] ?? -1
  },
}

interface PartitionParams {
  readonly topic: string
  readonly partition: number
}

export interface FetchedOffset {
  readonly error: number
  /** −1 when none was committed. */
  readonly offset: bigint
  readonly metadata: string
}

export const offsetFetchApi: Api<PartitionParams & { readonly groupId: string }, FetchedOffset> = {
  name: 'OffsetFetch',
  key: 9,
  version: 5,
  flexible: false,
  write: (writer, { groupId, topic, partition }) =>
    void writer.string(groupId).int32(1).string(topic).int32(1).int32(partition),
  read: reader => {
    reader.int32()
    const found = reader.array(topic => {
      topic.string()
      return topic.array(item => {
        item.int32()
        const offset = item.int64()
        item.int32()
        return { offset, metadata: item.string(), error: item.int16() }
      })
    })
    const error = reader.int16()
    const first = found.flat()[0] ?? { offset: -1n, metadata: '', error: -1 }
    return error === 0 ? first : { ...first, error }
  },
}

export const earliest = -2n
export const latest = -1n

export const listOffsetsApi: Api<
  PartitionParams & { readonly timestamp: bigint },
  { readonly error: number; readonly offset: bigint }
> = {
  name: 'ListOffsets',
  key: 2,
  version: 5,
  flexible: false,
  write: (writer, { topic, partition, timestamp }) =>
    void writer.int32(-1).int8(1).int32(1).string(topic).int32(1).int32(partition).int32(-1).int64(timestamp),
  read: reader => {
    reader.int32()
    const found = reader.array(topic => {
      topic.string()
      return topic.array(item => {
        item.int32()
        const error = item.int16()
        item.int64()
        const offset = item.int64()
        item.int32()
        return { error, offset }
      })
    })
    return found.flat()[0] ?? { error: -1, offset: -1n }
  },
}
