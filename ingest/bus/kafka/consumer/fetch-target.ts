import { NinefoldError } from '../../../../lib/errors.ts'
import type { PartitionBuffer } from './partition-buffer.ts'

/** One partition of one log that is read ahead. */
export interface FetchTarget {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly buffer: PartitionBuffer
  onArrival(): void
}

export function topicChanged(topic: string): NinefoldError {
  return new NinefoldError('BUS_TOPIC_CHANGED', `${topic} is not the topic that the committed position means`)
}
