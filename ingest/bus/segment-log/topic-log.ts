import { mkdir, readdir, truncate, unlink } from 'node:fs/promises'
import { NinefoldError } from '../../../lib/errors.ts'
import type { Logger } from '../../../lib/logger.ts'
import type { ProduceRecord } from '../bus.ts'
import { type AppendFile, openAppendFile } from './append-file.ts'
import { encodeRecord } from './record-codec.ts'
import { appendEntry, nextOffset, type Segment, scanSegment, segmentPath } from './segment.ts'

export interface SegmentLogLimits {
  /** A new segment begins when the current one is at least this long. */
  readonly segmentBytes: number
  readonly maxRecordBytes: number
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

/** The segments of one topic, oldest first. Appends are committed in groups: one write and one sync for all that wait. */
export class TopicLog {
  readonly segments: Segment[]
  bytesInFlight = 0
  readonly #directory: string
  readonly #limits: SegmentLogLimits
  readonly #onDurable: () => void
  #waiting: Waiting[] = []
  #flushing: Promise<void> | undefined
  #file: AppendFile | undefined
  #closed = false

  constructor(directory: string, segments: Segment[], limits: SegmentLogLimits, onDurable: () => void) {
    this.#directory = directory
    this.segments = segments
    this.#limits = limits
    this.#onDurable = onDurable
  }

  static async open(
    directory: string,
    limits: SegmentLogLimits,
    options: { readonly logger: Logger; readonly onDurable: () => void; readonly firstOffset: bigint },
  ): Promise<TopicLog> {
    await mkdir(directory, { recursive: true })
    const names = (await readdir(directory)).filter(name => /^\d{20}\.log$/.test(name)).sort()
    const segments: Segment[] = []
    for (const name of names) {
      const { segment, tornBytes } = await scanSegment(`${directory}/${name}`, BigInt(name.slice(0, 20)))
      if (tornBytes > 0) {
        options.logger.warn({ file: name, tornBytes }, 'a torn tail was cut: its sender had no answer yet')
        await truncate(segment.path, segment.size)
      }
      segments.push(segment)
    }
    if (segments.length === 0) segments.push(newSegment(directory, options.firstOffset))
    return new TopicLog(directory, segments, limits, options.onDurable)
  }

  get firstOffset(): bigint {
    return this.segments[0]?.base ?? 0n
  }

  get endOffset(): bigint {
    return nextOffset(this.#active)
  }

  get #active(): Segment {
    const last = this.segments.at(-1)
    if (last === undefined) throw new NinefoldError('INTERNAL', 'a topic always has a segment')
    return last
  }

  segmentOf(offset: bigint): Segment | undefined {
    return this.segments.findLast(segment => segment.base <= offset && offset < nextOffset(segment))
  }

  /** Bytes and records from `offset` on. */
  lagFrom(offset: bigint): { bytes: number; records: number } {
    let bytes = 0
    for (const segment of this.segments) {
      if (nextOffset(segment) <= offset) continue
      const first = segment.entries[Number(offset > segment.base ? offset - segment.base : 0n)]
      bytes += segment.size - (first?.position ?? segment.size)
    }
    const records = this.endOffset > offset ? Number(this.endOffset - offset) : 0
    return { bytes, records }
  }

  /** Resolves when the record is durable. */
  append(record: ProduceRecord, committed: bigint): Promise<void> {
    if (this.#closed) return Promise.reject(new NinefoldError('BUS_CLOSED', 'the segment log is closed'))
    if (record.value.length > this.#limits.maxRecordBytes) {
      const message = `a record of ${record.value.length} bytes is longer than ${this.#limits.maxRecordBytes}`
      return Promise.reject(new NinefoldError('BUS_RECORD_TOO_LARGE', message))
    }
    if (this.lagFrom(committed).bytes + this.bytesInFlight + record.value.length > this.#limits.maxUncommittedBytes) {
      return Promise.reject(new NinefoldError('DISK_FULL', 'the sink is too far behind: the log holds all it may'))
    }
    this.bytesInFlight += record.value.length
    return new Promise<void>((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject })
      this.#flushing ??= this.#flushAll()
    }).finally(() => {
      this.bytesInFlight -= record.value.length
    })
  }

  /** While one group is being synced the next gathers. */
  async #flushAll(): Promise<void> {
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#writeGroup(group.map(({ record }) => record))
        for (const { resolve } of group) resolve()
        this.#onDurable()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    this.#flushing = undefined
  }

  async #writeGroup(records: readonly ProduceRecord[]): Promise<void> {
    if (this.#active.size >= this.#limits.segmentBytes) await this.#roll()
    const segment = this.#active
    this.#file ??= await openAppendFile(segment.path)
    const buffers: Uint8Array[] = []
    const lengths: number[] = []
    let offset = nextOffset(segment)
    for (const { receivedAtMs, source, value } of records) {
      const { head, payload } = encodeRecord(offset++, receivedAtMs, source, value)
      buffers.push(head, payload)
      lengths.push(head.length + payload.length)
    }
    await this.#file.append(buffers, segment.size)
    for (const [index, record] of records.entries()) {
      const length = lengths[index] ?? 0
      appendEntry(segment, { position: segment.size, length, receivedAtMs: record.receivedAtMs, corrupt: false })
    }
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
      if (oldest === undefined || nextOffset(oldest) > committed) return
      const tooOld = oldest.newestMs < nowMs - this.#limits.retentionSeconds * 1000
      if (!tooOld && total <= this.#limits.retentionBytes) return
      await unlink(oldest.path)
      this.segments.shift()
      total -= oldest.size
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#flushing
    await this.#file?.close()
  }
}

function newSegment(directory: string, base: bigint): Segment {
  return { path: segmentPath(directory, base), base, entries: [], size: 0, newestMs: 0 }
}
