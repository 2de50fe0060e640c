import type { Clock } from '../../lib/clock.ts'
import type { PartitionLease, WaitingPartition } from '../bus/bus.ts'
import type { StepOutcome } from './steps.ts'

/** Which partitions have failed since they last got on, and why the last time. */
export interface WaitingPartitions {
  stepped(lease: PartitionLease, outcome: StepOutcome): void
  /** Its lease has ended: it is another's to tell of. */
  ended(lease: PartitionLease): void
  list(): readonly WaitingPartition[]
}

export function createWaitingPartitions(clock: Clock): WaitingPartitions {
  const waiting = new Map<string, WaitingPartition>()
  // What is left of a lost lease may still be at work beside the next one of the same partition.
  const ended = ({ id }: PartitionLease) => void waiting.delete(id)
  return {
    ended,
    stepped: (lease, outcome) => {
      const { id, topic, partition } = lease
      switch (outcome.kind) {
        case 'retry': {
          const sinceMs = waiting.get(id)?.sinceMs ?? clock.now()
          waiting.set(id, { topic, partition, reason: outcome.reason, sinceMs })
          return
        }
        case 'ok':
          // Between two attempts to read what cannot be read there is nothing to be had; that is no progress.
          if (outcome.reason === 'gathering') return
          if (outcome.reason === 'nothing-new' && lease.committed().next < lease.endOffset()) return
          return ended(lease)
        case 'dead-letter':
        case 'drop':
        case 'lost':
          return ended(lease)
        default:
          outcome satisfies never
      }
    },
    list: () => [...waiting.values()],
  }
}
