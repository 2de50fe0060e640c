import { readdir, truncate, unlink } from 'node:fs/promises'
import { NinefoldError } from '../../../lib/errors.ts'
import type { Logger } from '../../../lib/logger.ts'
import type { CommittedPosition, ProduceRecord } from '../bus.ts'
import { type AppendFile, openAppendFile } from './append-file.ts'
import type { IndexedSegment } from './batch.ts'
import { diskError } from './disk-error.ts'
import { encodeRecord } from './record-codec.ts'
import { RecordIndex } from './record-index.ts'
import { committedSegment, newSegment, nextOffset, type Segment, scanSegment } from './segment.ts'

export interface SegmentLogLimits {
  /** A new segment begins when the current one is at least this long. */
  readonly segmentBytes: number
  readonly maxRecordBytes: number
  /** At most this many bytes are written and synced at once. */
  readonly groupBytes: number
  /** Records waiting to be durable: beyond this, produce refuses with BUS_BACK_PRESSURE. */
  readonly maxInFlightBytes: number
  /** Stored records kept although the sink has committed them: at most this many bytes … */
  readonly retentionBytes: number
  /** … and at most this old. */
  readonly retentionSeconds: number
  /** Records that the sink has not committed: beyond this, produce refuses with DISK_FULL rather than delete. */
  readonly maxUncommittedBytes: number
}

interface Waiting {
  readonly record: ProduceRecord
  resolve(): void
  reject(error: unknown): void
}

const segmentName = /^(\d{20})\.log$/

/** Names of the segment files of a folder, oldest first. */
export async function listSegments(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter(name => segmentName.test(name)).sort()
}

/** Reads what a former run left: torn tails are cut, and no offset is given out twice. */
export async function readSegments(
  directory: string,
  names: readonly string[],
  committed: CommittedPosition,
  logger: Logger,
): Promise<Segment[]> {
  const segments: Segment[] = []
  for (const [at, name] of names.entries()) {
    const path = `${directory}/${name}`
    const base = BigInt(name.slice(0, 20))
    const following = names[at + 1]
    const next = following === undefined ? undefined : BigInt(following.slice(0, 20))
    if (next !== undefined && next <= committed.next) {
      segments.push(await committedSegment(path, base, next))
      continue
    }
    const { segment, tornBytes } = await scanSegment(path, base, next !== undefined)
    if (tornBytes > 0) {
      logger.warn({ path, tornBytes, at: segment.size }, 'a torn tail was cut: its senders had no answer yet')
      await truncate(path, segment.size)
    }
    segments.push(segment)
  }
  // Whatever happened to the files: an offset that was announced or committed must not be given to another record.
  const floor = committed.intent === null ? committed.next : committed.intent.last + 1n
  const last = segments.at(-1)
  const end = last === undefined ? 0n : nextOffset(last)
  if (last === undefined || end < floor) {
    if (last !== undefined) logger.error({ directory, end, floor }, 'records that were read before are gone')
    segments.push(newSegment(directory, floor))
  }
  return segments
}

/** The segments of one partition, oldest first. Appends are committed in groups: one write and one sync for all that wait. */
export class PartitionLog {
  readonly segments: Segment[]
  bytesInFlight = 0
  readonly #directory: string
  readonly #limits: SegmentLogLimits
  readonly #logger: Logger
  readonly #onDurable: () => void
  #waiting: Waiting[] = []
  #flushing: Promise<void> | undefined
  #file: AppendFile | undefined
  #closed = false

  constructor(
    directory: string,
    segments: Segment[],
    options: { readonly limits: SegmentLogLimits; readonly logger: Logger; readonly onDurable: () => void },
  ) {
    this.#directory = directory
    this.segments = segments
    this.#limits = options.limits
    this.#logger = options.logger
    this.#onDurable = options.onDurable
  }

  get endOffset(): bigint {
    return nextOffset(this.#active)
  }

  get #active(): Segment {
    const last = this.segments.at(-1)
    if (last === undefined) throw new NinefoldError('INTERNAL', 'a partition always has a segment')
    return last
  }

  /** The segment that holds `offset`. @throws BUS_POSITION_LOST with the next offset there is. */
  async segmentOf(offset: bigint): Promise<IndexedSegment> {
    const segment = this.segments.findLast(({ base }) => base <= offset)
    if (segment !== undefined && offset < nextOffset(segment)) return withIndex(segment)
    const next = this.segments.find(({ base, count }) => base > offset && count > 0)?.base ?? this.endOffset
    throw new NinefoldError('BUS_POSITION_LOST', `the log no longer has record ${offset}`, { details: { next } })
  }

  /** Whether the segment stays as it is: records are appended to the last one only, and only while it is not full. */
  isClosed(segment: Segment): boolean {
    return segment !== this.segments.at(-1) || segment.size >= this.#limits.segmentBytes
  }

  /** Bytes and records from `offset` on; asked for with every record, so it looks at no segment before it. */
  lagFrom(offset: bigint): { bytes: number; records: number } {
    let bytes = 0
    let records = 0
    for (let at = this.segments.length - 1; at >= 0; at--) {
      const segment = this.segments[at]
      if (segment === undefined || nextOffset(segment) <= offset) break
      const skipped = offset > segment.base ? Number(offset - segment.base) : 0
      bytes += segment.size - (segment.index?.position(skipped) ?? 0)
      records += segment.count - skipped
    }
    return { bytes, records }
  }

  /** Resolves when the record is durable. */
  append(record: ProduceRecord, committed: bigint): Promise<void> {
    const refusal = this.#refusal(record.value.length, committed)
    if (refusal !== undefined) return Promise.reject(refusal)
    this.bytesInFlight += record.value.length
    return new Promise<void>((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject })
      this.#flushing ??= this.#flushAll()
    }).finally(() => {
      this.bytesInFlight -= record.value.length
    })
  }

  #refusal(bytes: number, committed: bigint): NinefoldError | undefined {
    const { maxRecordBytes, maxInFlightBytes, maxUncommittedBytes } = this.#limits
    if (this.#closed) return new NinefoldError('BUS_CLOSED', 'the segment log is closed')
    if (bytes > maxRecordBytes) {
      return new NinefoldError('BUS_RECORD_TOO_LARGE', `a record of ${bytes} bytes is longer than ${maxRecordBytes}`)
    }
    if (this.bytesInFlight > 0 && this.bytesInFlight + bytes > maxInFlightBytes) {
      return new NinefoldError('BUS_BACK_PRESSURE', `${this.bytesInFlight} bytes wait for the disk`)
    }
    if (this.lagFrom(committed).bytes + this.bytesInFlight + bytes > maxUncommittedBytes) {
      return new NinefoldError('DISK_FULL', 'the sink is too far behind: the log holds all it may')
    }
    return undefined
  }

  /** While one group is being synced the next gathers. */
  async #flushAll(): Promise<void> {
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      try {
        await this.#writeGroup(group.map(({ record }) => record))
        for (const { resolve } of group) resolve()
        this.#onDurable()
      } catch (error) {
        for (const { reject } of group) reject(diskError(error, 'writing the segment log'))
      }
    }
    this.#flushing = undefined
  }

  #takeGroup(): Waiting[] {
    let bytes = 0
    const end = this.#waiting.findIndex(({ record }, index) => {
      bytes += record.value.length
      return index > 0 && bytes > this.#limits.groupBytes
    })
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  async #writeGroup(records: readonly ProduceRecord[]): Promise<void> {
    if (this.#active.size >= this.#limits.segmentBytes) await this.#roll()
    const segment = await withIndex(this.#active)
    this.#file ??= await openAppendFile(segment.path, this.#logger)
    const buffers: Uint8Array[] = []
    const lengths: number[] = []
    let offset = nextOffset(segment)
    for (const { receivedAtMs, source, value } of records) {
      const { head, payload } = encodeRecord(offset++, receivedAtMs, source, value)
      buffers.push(head, payload)
      lengths.push(head.length + payload.length)
    }
    await this.#file.append(buffers, segment.size)
    for (const [at, { receivedAtMs }] of records.entries()) {
      segment.index.add(lengths[at] ?? 0, receivedAtMs)
      segment.newestMs = Math.max(segment.newestMs, receivedAtMs)
    }
    segment.count = segment.index.length
    segment.size = segment.index.end
  }

  async #roll(): Promise<void> {
    const former = this.#file
    this.#file = undefined
    this.segments.push(newSegment(this.#directory, this.endOffset))
    await former?.close()
  }

  /** Deletes segments that are wholly committed and too old or too many; never one that holds what the sink has not committed. */
  async retain(committed: bigint, nowMs: number): Promise<void> {
    let total = this.segments.reduce((sum, segment) => sum + segment.size, 0)
    while (this.segments.length > 1) {
      const [oldest] = this.segments
      if (oldest === undefined || nextOffset(oldest) > committed) break
      const tooOld = oldest.newestMs < nowMs - this.#limits.retentionSeconds * 1000
      if (!tooOld && total <= this.#limits.retentionBytes) break
      await unlink(oldest.path)
      this.segments.shift()
      total -= oldest.size
    }
    for (const segment of this.segments.slice(0, -1)) if (nextOffset(segment) <= committed) segment.index = null
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#flushing
    await this.#file?.close()
  }
}

async function withIndex(segment: Segment): Promise<IndexedSegment> {
  if (segment.index === null) {
    const { segment: scanned } = await scanSegment(segment.path, segment.base, true)
    segment.index = scanned.index
    segment.count = scanned.count
  }
  return Object.assign(segment, { index: segment.index ?? new RecordIndex() })
}
