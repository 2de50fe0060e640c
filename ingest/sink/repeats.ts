import { storedPayloads } from '../../store/queries/sink-ledger.ts'
import type { BusRecord } from '../bus/bus.ts'
import { identityOf, repeatWindowMs } from '../bus/payload-identity.ts'
import type { SinkPartition } from './sink-parts.ts'
import { tokenPrefixOf } from './staging.ts'
import type { OffsetRange } from './steps.ts'

/** A range is compared with those that begin so many offsets before it at most: some 3 MB a partition. */
const offsetsRemembered = 30_000n
/** What the ledger's column can hold; a clock may say anything. */
const latestMs = Date.UTC(2299, 11, 31)

/** What of a range became rows, as the ledger keeps it. */
export interface StoredPayloads {
  readonly identities: readonly string[]
  /** Of the newest record in the range. */
  readonly receivedAtMs: number
}

/** A range whose repeats are known. */
export interface JudgedRange {
  /** Offsets of records that are left out: their telemetry is stored already, or comes earlier in the range. */
  readonly repeats: readonly bigint[]
  /** @param excluded what did not become rows. */
  storedWithout(excluded: ReadonlySet<bigint>): StoredPayloads
}

/** Tells the payloads of a partition that were delivered before, where only the sink can: several gateways write to one log. */
export interface Repeats {
  /**
   * The same answer for the same range, whoever asks and however often: it depends on the range's records and on what became rows of those
   * that begin before it, nothing else.
   */
  judge(range: OffsetRange): Promise<JudgedRange>
  /** The range is stored, and the position has passed it. */
  stored(range: OffsetRange, payloads: StoredPayloads): void
}

type KnownRange = StoredPayloads & { readonly first: bigint }

export function createRepeats(partition: SinkPartition): Repeats {
  const { lease, parts } = partition
  let ranges: KnownRange[] = []
  const newest = new Map<string, KnownRange>()
  /** Ranges up to here are known; null before the first and after others than this lease have stored some. */
  let known: bigint | null = null

  const remember = (range: KnownRange) => {
    ranges.push(range)
    for (const identity of range.identities) newest.set(identity, range)
  }
  const forgetBefore = (first: bigint) => {
    for (let range = ranges[0]; range !== undefined && range.first < first; range = ranges[0]) {
      for (const identity of range.identities) if (newest.get(identity) === range) newest.delete(identity)
      ranges.shift()
    }
  }
  /** From the ledger: what a former lease stored, or what was passed over. */
  const load = async (from: bigint, before: bigint) => {
    const where = {
      topic: lease.topic,
      partition: lease.partition,
      tokenPrefix: tokenPrefixOf(partition),
      from,
      before,
    }
    const rows = await parts.writer.query(storedPayloads, where)
    ranges = []
    newest.clear()
    for (const row of rows) remember(row)
    known = before
  }

  return {
    judge: async ({ first, last }) => {
      const from = first > offsetsRemembered ? first - offsetsRemembered : 0n
      if (known === first) forgetBefore(from)
      else await load(from, first)
      const own = new Map<string, number>()
      const repeats: bigint[] = []
      const others: { readonly offset: bigint; readonly identity: string }[] = []
      let receivedAtMs = 0
      for await (const record of lease.readRecords(first, last)) {
        receivedAtMs = Math.max(receivedAtMs, Math.min(Math.trunc(record.receivedAtMs), latestMs))
        if (record.corrupt || record.isDistinct === true) continue
        const { offset } = record
        const identity = identityOf(record.value)
        const formerMs = own.get(identity) ?? newest.get(identity)?.receivedAtMs
        const isKnown = formerMs !== undefined && record.receivedAtMs - formerMs <= repeatWindowMs
        if (isKnown && saysWhenItWas(partition, record)) repeats.push(offset)
        else {
          own.set(identity, record.receivedAtMs)
          others.push({ offset, identity })
        }
      }
      const storedWithout = (excluded: ReadonlySet<bigint>) => ({
        identities: others.filter(({ offset }) => !excluded.has(offset)).map(({ identity }) => identity),
        receivedAtMs,
      })
      return { repeats, storedWithout }
    },
    stored: ({ first, last }, payloads) => {
      remember({ first, ...payloads })
      known = last + 1n
    },
  }
}

/** Of one that does not, the same bytes may be another event; one that cannot become rows is to be a dead letter of its own. */
function saysWhenItWas({ stageOptions: { prepare } }: SinkPartition, record: BusRecord): boolean {
  try {
    return prepare?.(record).hasOwnTimes ?? true
  } catch {
    return false
  }
}
