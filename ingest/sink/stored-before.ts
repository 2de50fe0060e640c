import { NinefoldError } from '../../lib/errors.ts'
import { formerLog, openIntents, storedStretches } from '../../store/queries/sink-ledger.ts'
import type { SinkPartition } from './sink-parts.ts'
import { tokenPrefixOf } from './staging.ts'
import type { OffsetRange } from './steps.ts'

/** What the store's ledger says of offsets at or behind a position that no sink has written. */
export interface KnownRange extends OffsetRange {
  /** False when it was announced and may or may not be stored: it is inserted again under its own token. */
  readonly stored: boolean
}

export interface StoredBefore {
  /** Ascending, none overlapping. */
  readonly ranges: readonly KnownRange[]
  /** Offsets before the position that were never stored, or null: somebody has moved the position forwards. */
  readonly passedOver: OffsetRange | null
}

/**
 * Asked once when a lease begins at a position that is not a sink's own: it was reset, or the bus has forgotten it. New ranges never cut
 * across ranges that were announced before, so no row comes from two of them.
 * @throws BUS_TOPIC_CHANGED when nobody has committed a position and the store knows a former log in this place: the broker forgets the
 *   offsets of a topic that is deleted, so this is how one made anew is told. An operator who sets a position accepts it.
 */
export async function readStoredBefore(partition: SinkPartition, next: bigint): Promise<StoredBefore> {
  const { lease, parts } = partition
  const where = { topic: lease.topic, partition: lease.partition, tokenPrefix: tokenPrefixOf(partition) }
  const stored = await parts.writer.query(storedStretches, where)
  const open = await parts.writer.query(openIntents, where)
  if (lease.positionOrigin === 'none' && stored.length + open.length === 0) {
    const [former] = await parts.writer.query(formerLog, where)
    if (former !== undefined) throw logReplaced(lease.topic, lease.partition, former.last)
  }
  const all = [
    ...stored.map(range => ({ ...range, stored: true })),
    ...open.map(range => ({ ...range, stored: false })),
  ]
  const ranges = all.filter(({ last }) => last >= next).sort((a, b) => (a.first < b.first ? -1 : 1))
  const before = all.filter(({ first }) => first < next).map(({ last }) => last)
  const upTo = before.reduce<bigint | null>((most, last) => (most === null || last > most ? last : most), null)
  const passedOver = upTo !== null && upTo + 1n < next ? { first: upTo + 1n, last: next - 1n } : null
  return { ranges, passedOver }
}

function logReplaced(topic: string, partition: number, last: bigint): NinefoldError {
  const message = `${topic}/${partition} is another log than the one that was stored up to offset ${last}, and has no position`
  return new NinefoldError('BUS_TOPIC_CHANGED', message)
}
