import type { AlertRule } from '../../slo-specs/schema/model.ts'
import type { ConditionResult } from './conditions.ts'
import type { AlertEpisode, AlertSeverity } from './episode.ts'

/** What happened to an episode in one step; `cancelled`: pending and gone before it fired. */
export type Transition = 'pending' | 'cancelled' | 'fired' | 'frozen' | 'thawed' | 'resolved'

/** What one evaluation saw of one rule of one SLO. */
export interface Observation {
  readonly slo: string
  readonly service: string
  readonly conditions: readonly ConditionResult[]
  /** Of the SLO's whole window; kept with the episode when it fires. Null without valid events. */
  readonly budgetRemainingRatio: number | null
  /** The signal has been silent for longer than the SLO's no-data-after: what was quiet before it does not count. */
  readonly silent: boolean
}

export interface Step {
  /** Null when there is nothing pending, firing or just resolved. A resolved episode is over: the next one is new. */
  readonly episode: AlertEpisode | null
  readonly transitions: readonly Transition[]
}

/**
 * One step of the alert of one rule: inactive → pending (`alertAfter`) → firing → resolved (semantics: alerts). Pure and without
 * memory but the episode, so that a restart changes nothing. Stepping more often only finds the same moments more exactly.
 * @param before the episode of the last step; null or a resolved one when there is none open.
 */
export function advance(
  before: AlertEpisode | null,
  observation: Observation,
  rule: Pick<AlertRule, 'severity' | 'alertAfterSeconds' | 'keepFiringForSeconds'>,
  nowMs: number,
): Step {
  if (before?.state === 'firing') return whileFiring(before, observation, rule.keepFiringForSeconds, nowMs)
  const holding = observation.conditions.filter(({ verdict }) => verdict === 'holds')
  const pending = before?.state === 'pending' ? before : null
  if (holding.length === 0) {
    if (pending !== null) return { episode: null, transitions: ['cancelled'] }
    return { episode: before, transitions: [] }
  }
  const since = pending?.pendingSinceMs ?? nowMs
  const opened: AlertEpisode = {
    ...(pending ?? newEpisode(observation, rule.severity, nowMs)),
    evidence: holding.map(({ evidence }) => evidence),
    budgetRemainingRatio: observation.budgetRemainingRatio,
  }
  const begun: Transition[] = pending === null ? ['pending'] : []
  if (nowMs - since < rule.alertAfterSeconds * 1000) return { episode: opened, transitions: begun }
  return { episode: fire(opened, nowMs), transitions: [...begun, 'fired'] }
}

/** An episode that begins to be pending; also the beginning of a no-data episode. */
export function newEpisode(
  of: { readonly slo: string; readonly service: string },
  severity: AlertSeverity,
  nowMs: number,
): AlertEpisode {
  return {
    slo: of.slo,
    service: of.service,
    severity,
    state: 'pending',
    dedupKey: '',
    pendingSinceMs: nowMs,
    firedAtMs: null,
    resolvedAtMs: null,
    quietSinceMs: null,
    frozen: false,
    evidence: [],
    budgetRemainingRatio: null,
    burningLayers: [],
    suspectVersion: null,
    inhibited: false,
  }
}

export function fire(episode: AlertEpisode, nowMs: number): AlertEpisode {
  return { ...episode, state: 'firing', firedAtMs: nowMs, dedupKey: dedupKey(episode.slo, episode.severity, nowMs) }
}

/** `slo/severity/firstFiringMinute`, the same for one episode whoever sends it and however often. */
function dedupKey(slo: string, severity: AlertSeverity, firedAtMs: number): string {
  return `${slo}/${severity}/${new Date(firedAtMs).toISOString().slice(0, 16)}Z`
}

/** The numbers it fired with stay; only whether it is over, or cannot be said, changes. */
function whileFiring(episode: AlertEpisode, seen: Observation, keepFiringForSeconds: number, nowMs: number): Step {
  const calm = calmness(episode, seen)
  if (calm === 'unknown') {
    const quietSinceMs = seen.silent ? null : episode.quietSinceMs
    return { episode: { ...episode, frozen: true, quietSinceMs }, transitions: episode.frozen ? [] : ['frozen'] }
  }
  const thawed: Transition[] = episode.frozen ? ['thawed'] : []
  if (calm === 'burning') {
    return { episode: { ...episode, frozen: false, quietSinceMs: null }, transitions: thawed }
  }
  const quietSinceMs = episode.quietSinceMs ?? nowMs
  const quiet = { ...episode, frozen: false, quietSinceMs }
  if (nowMs - quietSinceMs < keepFiringForSeconds * 1000) return { episode: quiet, transitions: thawed }
  return { episode: { ...quiet, state: 'resolved', resolvedAtMs: nowMs }, transitions: [...thawed, 'resolved'] }
}

/**
 * Over only when the short window of every condition it fired with is below its factor and no other condition burns. A condition
 * without data says neither, so it freezes what it fired; a pause shorter than no-data-after (low traffic) does not undo quiet time.
 */
function calmness(episode: AlertEpisode, { conditions }: Observation): 'burning' | 'quiet' | 'unknown' {
  const firedWith = new Set(episode.evidence.map(({ condition }) => condition))
  const causes = conditions.filter(({ condition }) => firedWith.has(condition))
  // The rule was changed under a firing episode: then whatever it says now decides.
  const judged = causes.length > 0 ? causes : conditions
  if (conditions.some(({ burns }) => burns) || judged.some(({ shortPasses }) => shortPasses === true)) return 'burning'
  return judged.some(({ shortPasses }) => shortPasses === null) ? 'unknown' : 'quiet'
}
