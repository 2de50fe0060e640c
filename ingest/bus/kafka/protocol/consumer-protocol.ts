import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

/** Subscriptions and assignments in the form that Kafka's own tools read, so that they can show who has what. */

interface Partition {
  readonly topic: string
  readonly partition: number
}

const version = 1

function writePartitions(writer: WireWriter, partitions: readonly Partition[]): WireWriter {
  return writer.array([...Map.groupBy(partitions, ({ topic }) => topic)], (item, [topic, list]) =>
    item.string(topic).array(list, (each, { partition }) => each.int32(partition)),
  )
}

function readPartitions(reader: WireReader): Partition[] {
  return reader
    .array(item => {
      const topic = item.string()
      return item.array(each => ({ topic, partition: each.int32() }))
    })
    .flat()
}

/** @param owned what this member has had up to now, to be kept where it can be. */
export function writeSubscription(names: readonly string[], owned: readonly Partition[]): Buffer {
  const writer = new WireWriter()
    .int16(version)
    .array(names, (item, name) => item.string(name))
    .int32(-1)
  return writePartitions(writer, owned).finish()
}

/** What a member wants and has had, as `writeSubscription` wrote it. */
export function readSubscription(subscription: Buffer): { topics: readonly string[]; owned: readonly Partition[] } {
  const reader = new WireReader(subscription)
  const theirs = reader.int16()
  const topics = reader.array(item => item.string())
  reader.bytes()
  return { topics, owned: theirs >= 1 ? readPartitions(reader) : [] }
}

export function writeAssignment(partitions: readonly Partition[]): Buffer {
  return writePartitions(new WireWriter().int16(version), partitions).int32(-1).finish()
}

export function readAssignment(assignment: Buffer): Partition[] {
  if (assignment.length === 0) return []
  const reader = new WireReader(assignment)
  reader.int16()
  return readPartitions(reader)
}
