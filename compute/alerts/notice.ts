import type { ErrorCode } from '../../lib/errors.ts'
import type { AlertEpisode } from './episode.ts'

/** What somebody is told about an episode, and how a way of telling answers. Neutral: renderers and senders stand apart. */

/** Everything a message about an episode is made of, taken when it is enqueued: later data does not change what was said. */
export interface Notice {
  readonly action: 'trigger' | 'resolve'
  readonly episode: AlertEpisode
  readonly sloDisplayName: string
  readonly objectiveText: string
  /** The SLO's window as written, e.g. `30d`. */
  readonly windowText: string
  /** Null without valid events. */
  readonly sli: number | null
  readonly budgetRemainingRatio: number | null
  readonly runbook: string
  readonly createdAtMs: number
}

/** The outcome of one attempt. */
export type Delivery =
  | { readonly outcome: 'sent' }
  /** Not delivered, but may be later. */
  | { readonly outcome: 'retry'; readonly code: ErrorCode; readonly reason: string; readonly afterMs: number }
  /** The receiver will never take this message, or must not be asked. */
  | { readonly outcome: 'rejected'; readonly code: ErrorCode; readonly reason: string }

/** A way of telling. `compose` is pure; what it returns holds no secret and is journaled as it is. */
export interface NotificationSender {
  /** The kind of target it serves (`NotificationTarget.kind`). */
  readonly kind: string
  compose(notice: Notice): string
  /**
   * One attempt to deliver a composed body.
   * @param attempt 1 for the first one; decides how long to wait before the next.
   * @param target its name: each may have a secret of its own, which is in no body.
   * @returns never throws for what a receiver or the network does.
   */
  send(body: string, attempt: number, target: string): Promise<Delivery>
}
