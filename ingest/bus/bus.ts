import type { ErrorCode } from '../../lib/errors.ts'

/**
 * The log between the collectors and the store, with two carriers: a segment log on local disk (`segment-log/`) and
 * Kafka (`kafka/`). Same topics, same payloads, same sink.
 *
 * A commit carries the position **and** the intent of the batch about to be inserted, which is what makes the sink exactly-once:
 *  1. commit(position unchanged, intent first–last)   2. insert with a token made of that range   3. commit(position = last + 1, no intent)
 * Whoever consumes next finds the intent and replays exactly that range with the same token.
 */

/** Topics and encodings of the OTel Collector's Kafka exporter (`otlp_proto`). */
export const otlpTopics = { traces: 'otlp_spans', logs: 'otlp_logs', metrics: 'otlp_metrics' } as const
export type TelemetrySignal = keyof typeof otlpTopics
/** Beside them CloudEvents in JSON, one event or a batch a message: the structured mode of their Kafka binding. */
export const topics = { ...otlpTopics, events: 'ninefold_events' } as const
export type BusSignal = keyof typeof topics
export type Topic = (typeof topics)[BusSignal]

export interface TopicPartition {
  readonly topic: Topic
  readonly partition: number
}

/** The value is one canonical `Export…ServiceRequest` in protobuf, or CloudEvents in JSON. */
export interface ProduceRecord {
  readonly topic: Topic
  readonly value: Uint8Array
  /** When the collector received it, milliseconds since the epoch. */
  readonly receivedAtMs: number
  /** Who sent it (remote address or peer name), for dead letters; at most 200 characters are kept. */
  readonly source: string
  /**
   * Never taken for a repeat of another with the same bytes: these say nothing of when it was, because its time of receipt was filled in, or
   * it is put on the bus again on purpose.
   */
  readonly isDistinct?: boolean
  /** Media type of the value, for other readers of a shared log. */
  readonly contentType?: string
}

export interface BusPressure {
  /** Bytes accepted by `produce` that are not durable yet. */
  readonly bytesInFlight: number
  /** Bytes durable in the log that no sink has committed yet; 0 where the carrier does not tell. */
  readonly lagBytes: number
  /** Records durable in the log that no sink has committed yet; of Kafka, in the partitions that this process holds. */
  readonly lagRecords: number
}

/** What of a record is not durable though the rest is: its sender has to be told. */
export interface Produced {
  /** Spans, log records or data points that the carrier cannot hold. */
  readonly leftOut: number
  /** Why, naming the setting; one sentence each. */
  readonly reasons: readonly string[]
}

export const allKept: Produced = { leftOut: 0, reasons: [] }

export interface Producer {
  /**
   * Resolves when the record is durable, but for what the answer says; so it does when the carrier has the same bytes from minutes ago, and
   * does not write them again. Rejects with DISK_FULL, BUS_BACK_PRESSURE, BUS_WRITE_FAILED,
   * BUS_RECORD_TOO_LARGE (nothing of it can be held) or BUS_CLOSED, over Kafka also with what the brokers or the way to them refuse.
   */
  produce(record: ProduceRecord): Promise<Produced>
  pressure(): BusPressure
}

/** Offsets are positions of records within a topic partition, rising; a foreign log may leave some out. */
export interface BatchIntent {
  readonly first: bigint
  readonly last: bigint
  /** How many starts in a row have begun to insert this range; 0 once the store has answered, so that it was not the engine's end. */
  readonly attempts: number
  readonly suspect: Suspect | null
}

/** While parts of a range are tried by themselves because the engine died on it: the part being tried. */
export interface Suspect {
  readonly first: bigint
  readonly last: bigint
  /** How many starts in a row have tried this part. */
  readonly tries: number
}

export interface CommittedPosition {
  /** The next offset to read. */
  readonly next: bigint
  readonly intent: BatchIntent | null
}

export interface BusRecord {
  readonly offset: bigint
  readonly receivedAtMs: number
  readonly source: string
  readonly value: Uint8Array
  /** The stored bytes fail their checksum; `value` is them as they are. */
  readonly corrupt: boolean
  /** As it was produced; of a carrier where the sink tells repeats. */
  readonly isDistinct?: boolean
}

export interface BatchBounds {
  readonly maxBytes: number
  readonly maxRecords: number
}

/** A record that cannot become rows. */
export interface UnfitRecord {
  readonly offset: bigint
  readonly code: 'BUS_CORRUPT_RECORD' | 'SINK_UNFIT_PAYLOAD'
  readonly message: string
}

/** The canonical form of a payload that others may have written. */
export interface PreparedPayload {
  readonly value: Uint8Array
  /** False when the time of receipt had to stand in for one: the same payload at another time is another. */
  readonly hasOwnTimes: boolean
}

export interface StageOptions {
  readonly append?: boolean
  /** Makes of a record's value what the engine reads; what it throws says why it cannot be. Without it the value is that already. */
  readonly prepare?: (record: BusRecord) => PreparedPayload
}

/** A contiguous range of one topic partition. */
export interface BusBatch extends TopicPartition {
  readonly first: bigint
  readonly last: bigint
  readonly bytes: number
  /** When the oldest record of it was received. */
  readonly oldestReceivedAtMs: number
  /**
   * Writes the batch as length-delimited `Record` protobuf messages (store/tables/payload-structure.ts) to `path`. A carrier that has
   * a file of just these records already checks that and writes nothing, unless it is to append.
   * @returns the file that holds the batch: `path`, or the carrier's own, which stays as it is until the batch is committed.
   * @throws BUS_CORRUPT_RECORD (details: offset), BUS_UNFIT_RECORDS (details: records, all of them), DISK_FULL.
   */
  stage(path: string, options?: StageOptions): Promise<string>
}

/** Who wrote the position that a lease began with. */
export type PositionOrigin =
  /** A sink: it is to be believed. */
  | 'sink'
  /** Nobody yet, or the carrier has forgotten it. */
  | 'none'
  /** Somebody else, such as an operator who reset it: what was stored already is told by the store's ledger alone. */
  | 'other'

/**
 * One partition for as long as one assignment of it lasts. Every operation is bound to that assignment: an operation of a lease that was
 * lost can never act under a newer one, also not when the same process has been given the partition again.
 */
export interface PartitionLease extends TopicPartition {
  /** Differs between any two leases that a process holds in its life; fit for a file name. */
  readonly id: string
  /** Fires when the partition is to be let go or was lost: finish what is in hand, begin nothing. */
  readonly signal: AbortSignal
  /** Names this log. One made anew in its place has another name: its offsets begin again and mean other records. */
  readonly logId: string
  readonly positionOrigin: PositionOrigin
  /** As this lease found or last committed it. */
  committed(): CommittedPosition
  /** The offset that the next record will have, as far as known. */
  endOffset(): bigint
  /**
   * What is readable from `from` now within `bounds`, without waiting; null when nothing is. At least one record, however large.
   * Throws BUS_POSITION_LOST (details: next, the first offset from which there is something again) when `from` is gone.
   */
  read(from: bigint, bounds: BatchBounds): Promise<BusBatch | null>
  /** The range first–last exactly. Throws BUS_POSITION_LOST when it cannot be had whole. */
  readRange(first: bigint, last: bigint): Promise<BusBatch>
  /** Single records of a range, for preparing, bisecting and dead letters. */
  readRecords(first: bigint, last: bigint): AsyncIterable<BusRecord>
  /** Durable when it resolves. Throws BUS_LEASE_LOST when the partition is somebody else's; then nothing was written. */
  commit(position: CommittedPosition): Promise<void>
  /** Resolves when there is a record at `from` or behind it, after `timeoutMs`, or when the lease's signal fires. */
  wait(from: bigint, timeoutMs: number): Promise<void>
}

/** A partition that is this process's and does not get on. It is tried again for as long as it takes, and nothing of it is passed over. */
export interface WaitingPartition extends TopicPartition {
  readonly reason: ErrorCode
  readonly sinceMs: number
}

export interface Consumer {
  /**
   * Whether others than Ninefold can write to this log and move its positions: then no payload is known to be canonical, and a position may
   * be before what was stored already.
   */
  readonly shared: boolean
  /** The partitions held now. */
  leases(): readonly PartitionLease[]
  /** Those assigned to this process that it cannot begin with: they have no lease yet. */
  waiting(): readonly WaitingPartition[]
  /**
   * Calls `work` for each partition that is assigned, now and later. `work` ends soon after the lease's signal fires, and not before.
   * Resolves after `signal` has fired and all work has ended.
   */
  run(work: (lease: PartitionLease) => Promise<void>, signal: AbortSignal): Promise<void>
}

/** What an ingest role opens: it joins no consumer group. */
export interface ProducerHalf {
  readonly producer: Producer
  /** @throws what keeps it from its work now, for `/readyz`. */
  ping(): Promise<void>
  /** Stops accepting, makes everything accepted durable, closes files or connections. */
  close(): Promise<void>
}

/** What a sink role opens. */
export interface ConsumerHalf {
  readonly consumer: Consumer
  /** @throws what keeps it from its work now, for `/readyz`. */
  ping(): Promise<void>
  /** Leaves the group, closes files or connections. */
  close(): Promise<void>
}

export interface Bus extends ProducerHalf, ConsumerHalf {}
