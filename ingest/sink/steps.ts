import type { ErrorCode, NinefoldError } from '../../lib/errors.ts'

export interface OffsetRange {
  readonly first: bigint
  readonly last: bigint
}

/** Places in the protocol where a process may die; the fault suite kills it at each. */
export const protocolSteps = [
  'before-intent',
  'after-intent',
  'after-stage',
  'after-first-insert',
  'after-insert',
  'before-commit',
  'after-commit',
  'before-probe',
] as const
export type ProtocolStep = (typeof protocolSteps)[number]

/** Why a record cannot become rows. */
export const deadLetterReasons = [
  'SINK_POISON_PAYLOAD',
  'SINK_ENGINE_CRASH',
  'SINK_UNFIT_PAYLOAD',
  'BUS_CORRUPT_RECORD',
] as const satisfies readonly ErrorCode[]
export type DeadLetterReason = (typeof deadLetterReasons)[number]

/** Why records will not be stored: the bus no longer has them, or somebody has moved the position past them. */
export const dropReasons = ['BUS_POSITION_LOST', 'position-moved'] as const
export type DropReason = (typeof dropReasons)[number]

/** What became of a step; each kind and reason is counted. */
export type StepOutcome =
  | { readonly kind: 'ok'; readonly reason: 'stored' | 'stored-before' | 'gathering' | 'nothing-new' }
  /** Stored, but for records that are kept as dead letters. */
  | { readonly kind: 'dead-letter'; readonly reasons: readonly DeadLetterReason[] }
  /** Tried again after a pause, for as long as it takes. */
  | { readonly kind: 'retry'; readonly reason: ErrorCode; readonly error: NinefoldError }
  /** Records that will not be stored. */
  | { readonly kind: 'drop'; readonly reason: DropReason; readonly gap: OffsetRange }
  /** The partition is somebody else's now, who finishes the range that was announced. */
  | { readonly kind: 'lost'; readonly reason: 'BUS_LEASE_LOST' }
