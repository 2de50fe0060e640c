/** An alert is one severity of one SLO (or its no-data watch); an episode is one time it was pending, firing and over. */

export type AlertSeverity = 'page' | 'ticket' | 'no-data'
export type AlertState = 'inactive' | 'pending' | 'firing' | 'resolved'

/** What a condition saw when it was evaluated; kept with the episode as the numbers it fired with. */
export interface ConditionEvidence {
  readonly condition: string
  readonly threshold: number
  readonly longWindowSeconds: number
  readonly longBurnRate: number | null
  readonly longGood: bigint
  readonly longValid: bigint
  readonly shortWindowSeconds: number | null
  readonly shortBurnRate: number | null
}

/** A layer value's share of the bad events of the episode's window, worst first. */
export interface BurningLayer {
  readonly layer: string
  readonly value: string
  readonly bad: bigint
  readonly valid: bigint
  /** Of all bad events; shares of one layer sum to 1. */
  readonly shareOfBad: number
}

export interface AlertEpisode {
  readonly slo: string
  readonly service: string
  readonly severity: AlertSeverity
  readonly state: AlertState
  /** `slo/severity/firstFiringMinute` (ISO minute, UTC); empty until it fires. */
  readonly dedupKey: string
  readonly pendingSinceMs: number | null
  readonly firedAtMs: number | null
  readonly resolvedAtMs: number | null
  /** Since when the short window has been below its factor, while firing. */
  readonly quietSinceMs: number | null
  /** Firing, but the signal is silent: neither resolved nor renewed until data returns. */
  readonly frozen: boolean
  readonly evidence: readonly ConditionEvidence[]
  /** Remaining ratio of the budget when it fired. */
  readonly budgetRemainingRatio: number | null
  readonly burningLayers: readonly BurningLayer[]
  /** `service.version` first seen shortly before it fired, if any. */
  readonly suspectVersion: string | null
  /** A ticket that is firing while the page of the same SLO fires is inhibited: shown, not notified. */
  readonly inhibited: boolean
}
