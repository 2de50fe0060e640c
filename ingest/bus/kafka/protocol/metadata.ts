import type { Api } from './api.ts'
import type { WireReader } from './wire-reader.ts'

interface PartitionMetadata {
  readonly error: number
  readonly partition: number
  /** −1 while there is none. */
  readonly leader: number
}

interface TopicMetadata {
  readonly error: number
  readonly name: string
  /** Another one when the topic was made anew; 32 hexadecimal digits. */
  readonly id: string
  readonly partitions: readonly PartitionMetadata[]
}

interface ClusterMetadata {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[]
  readonly controllerId: number
  readonly topics: readonly TopicMetadata[]
}

const noTopicId = Buffer.alloc(16)

function readPartition(reader: WireReader): PartitionMetadata {
  const error = reader.int16()
  const partition = reader.int32()
  const leader = reader.int32()
  reader.int32()
  for (let list = 0; list < 3; list++) reader.compactArray(node => node.int32())
  reader.skipTags()
  return { error, partition, leader }
}

function readTopic(reader: WireReader): TopicMetadata {
  const error = reader.int16()
  const name = reader.compactString()
  const id = reader.uuid()
  reader.bool()
  const partitions = reader.compactArray(readPartition)
  reader.int32()
  reader.skipTags()
  return { error, name, id, partitions }
}

/** Never creates a topic: whether it may is decided by configuration, and how by us. */
export const metadataApi: Api<readonly string[], ClusterMetadata> = {
  name: 'Metadata',
  key: 3,
  version: 10,
  flexible: true,
  write: (writer, names) => {
    writer.compactArray(names, (item, name) => item.raw(noTopicId).compactString(name).noTags())
    writer.bool(false).bool(false).bool(false).noTags()
  },
  read: reader => {
    reader.int32()
    const brokers = reader.compactArray(item => {
      const broker = { nodeId: item.int32(), host: item.compactString(), port: item.int32() }
      item.compactString()
      item.skipTags()
      return broker
    })
    reader.compactString()
    return { brokers, controllerId: reader.int32(), topics: reader.compactArray(readTopic) }
  },
}

export interface NewTopic {
  readonly name: string
  /** −1 for the broker's default. */
  readonly partitions: number
  readonly replicationFactor: number
}

export const createTopicsApi: Api<
  readonly NewTopic[],
  readonly { readonly name: string; readonly error: number; readonly message: string }[]
> = {
  name: 'CreateTopics',
  key: 19,
  version: 4,
  flexible: false,
  write: (writer, topics) => {
    writer.array(topics, (item, { name, partitions, replicationFactor }) =>
      item.string(name).int32(partitions).int16(replicationFactor).int32(0).int32(0),
    )
    writer.int32(15_000).bool(false)
  },
  read: reader => {
    reader.int32()
    return reader.array(item => ({ name: item.string(), error: item.int16(), message: item.string() }))
  },
}
