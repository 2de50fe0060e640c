import type { Meter } from '@opentelemetry/api'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { PayloadInsert, PayloadWriter, Writer } from '../../store/client/store.ts'
import type { BusRecord, BusSignal, Consumer, PartitionLease, PreparedPayload, StageOptions } from '../bus/bus.ts'
import type { SinkStats } from './sink-stats.ts'
import type { ProtocolStep } from './steps.ts'
import type { Turns } from './turns.ts'
import type { WaitingPartitions } from './waiting-partitions.ts'

export interface SinkBounds {
  readonly maxBytes: number
  readonly maxRecords: number
  /** A batch this long is inserted at once … */
  readonly fullBytes: number
  /** … a shorter one when its oldest record has waited this long, or when more than it is there already. */
  readonly lingerMs: number
}

export const defaultSinkBounds: SinkBounds = {
  maxBytes: 128 * 1024 * 1024,
  maxRecords: 20_000,
  fullBytes: 8 * 1024 * 1024,
  lingerMs: 250,
}

export interface SinkOptions {
  readonly consumer: Consumer
  readonly payloads: PayloadWriter
  readonly writer: Writer
  readonly inserts: Readonly<Record<BusSignal, readonly PayloadInsert[]>>
  /**
   * Makes a payload what the engine reads; what it throws says why it cannot be. Asked for CloudEvents always, for OTLP where others write to
   * the log. The same payload must always give the same answer, or a replay would not be the same block.
   */
  readonly prepare?: (signal: BusSignal, record: BusRecord) => PreparedPayload
  /** Where batches are staged for the engine; only this process writes there. */
  readonly stagingDirectory: string
  readonly clock: Clock
  readonly logger: Logger
  readonly meter: Meter
  readonly bounds?: SinkBounds
  /** Called whenever new rows can be read. */
  readonly onStored?: () => void
  /** Called at each step of the protocol; the fault suite ends the process there. */
  readonly onStep?: (step: ProtocolStep) => Promise<void> | void
}

/** What the sink's parts share. */
export interface SinkParts extends Omit<SinkOptions, 'onStep' | 'onStored' | 'bounds'> {
  readonly bounds: SinkBounds
  readonly stats: SinkStats
  readonly waiting: WaitingPartitions
  /** Partitions are stored side by side; the search for a payload that ends the process is alone, or it would blame its neighbours'. */
  readonly turns: Turns
  onStored(): void
  onStep(step: ProtocolStep): Promise<void>
}

/** One lease of a topic partition and the statements that make rows of it. */
export interface SinkPartition {
  readonly parts: SinkParts
  readonly lease: PartitionLease
  readonly inserts: readonly PayloadInsert[]
  readonly stagedFile: string
  readonly stageOptions: Pick<StageOptions, 'prepare'>
}
