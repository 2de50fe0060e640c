import type { Bus, PartitionLease, Topic } from '../../ingest/bus/bus.ts'

/** The lease that this process holds of a topic's partition. */
export function leaseOf(bus: Pick<Bus, 'consumer'>, topic: Topic, partition = 0): PartitionLease {
  const lease = bus.consumer.leases().find(held => held.topic === topic && held.partition === partition)
  if (lease === undefined) throw new Error(`${topic}/${partition} is not assigned to this process`)
  return lease
}
