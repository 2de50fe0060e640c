import type { Ratio, Slo } from '../../slo-specs/schema/model.ts'
import { noHistory } from '../../store/tables/spec-revisions.ts'

/** What is on record of one revision: what it is, and how far back its history is computed. */
export interface RevisionState {
  readonly kind: 'slo' | 'ratio'
  readonly name: string
  readonly revision: string
  readonly service: string
  readonly document: string
  readonly specSetRevision: string
  readonly firstSeenAtMs: number
  /** Seconds since the epoch. */
  readonly historyFrom: number
  readonly historyDone: boolean
}

const daySeconds = 86_400

export function newState(of: Slo | Ratio, specSetRevision: string, nowMs: number): RevisionState {
  return {
    kind: 'service' in of ? 'slo' : 'ratio',
    name: of.name,
    revision: of.revision,
    service: 'service' in of ? of.service : '',
    document: JSON.stringify(of, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
    specSetRevision,
    firstSeenAtMs: nowMs,
    historyFrom: noHistory,
    historyDone: false,
  }
}

/** No longer in force: what was counted stays as it was, and is not kept current. */
export const retired = (state: RevisionState): RevisionState => ({
  ...state,
  historyFrom: noHistory,
  historyDone: true,
})
export const isRetired = ({ historyFrom, historyDone }: RevisionState): boolean =>
  historyFrom === noHistory && historyDone

/** In force again: it starts over, for its minutes were not kept current. */
export const restarted = (state: RevisionState): RevisionState => ({ ...state, historyDone: false })

/** Raw events reach back no further. One that has no day by then has missed none: it counts from the first event on. */
export const finished = (state: RevisionState): RevisionState => ({
  ...state,
  historyFrom: state.historyFrom === noHistory ? 0 : state.historyFrom,
  historyDone: true,
})

/** Whether a day (UTC, seconds) is not computed yet; the oldest may be computed in part. */
export const lacksDay = ({ historyFrom }: RevisionState, day: number): boolean =>
  historyFrom - (historyFrom % daySeconds) > day
