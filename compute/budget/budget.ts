import { type Decimal, parseDecimal } from '../../slo-specs/schema/decimal.ts'
import { divide } from './divide.ts'
import type { Counts } from './status.ts'

/**
 * The arithmetic of semantics "SLI" and "Error budget and burn rate". Counts and targets stay integers; each number is made by
 * one division at the end, so that 1 − 0.999 is 0.001 and not 0.0010000000000000009.
 */

/** The target T = `good` / `whole` as integers: 0.999 is 999 of 1000; `whole − good` is what may go wrong. */
export interface Target {
  readonly good: bigint
  readonly whole: bigint
}

/**
 * The target of an objective as written (`Slo.objectiveText`).
 * @throws RangeError when the text is not a decimal or not in 0 ≤ T < 1; the spec reader lets no such text pass.
 */
export function targetOf(objectiveText: string): Target {
  const decimal: Decimal | undefined = parseDecimal(objectiveText)
  if (decimal === undefined || decimal.numerator < 0n || decimal.numerator >= decimal.denominator)
    throw new RangeError(`objective ${objectiveText} is not a decimal with 0 ≤ T < 1`)
  return { good: decimal.numerator, whole: decimal.denominator }
}

/** The target of a time slice (`TimeSlices.targetText`): unlike that of an SLO it may be 1. */
export function targetOfSlice(text: string): Target {
  return text === '1' ? { good: 1n, whole: 1n } : targetOf(text)
}

/** good / valid; null when valid is 0. Above 1 when a source delivered more good than valid. */
export function sliOf({ good, valid }: Counts): number | null {
  return valid === 0n ? null : divide(good, valid)
}

/** More good than valid events were delivered: shown as it is, but nothing burns. */
export function isInconsistent({ good, valid }: Counts): boolean {
  return good > valid
}

/** 1 − T. */
export function allowedErrorRate({ good, whole }: Target): number {
  return divide(whole - good, whole)
}

/** (1 − T)·valid: how many events may be bad. */
export function allowedEvents(target: Target, { valid }: Counts): number {
  return divide((target.whole - target.good) * valid, target.whole)
}

/** (1 − T)·valid − (valid − good), in events; negative when overspent. */
export function remainingEvents(target: Target, counts: Counts): number {
  return divide(remainingScaled(target, counts), target.whole)
}

/** 1 − (1 − SLI)/(1 − T); negative when overspent, never clamped; 1 when valid is 0. */
export function remainingRatio(target: Target, counts: Counts): number {
  if (counts.valid === 0n) return 1
  return divide(remainingScaled(target, counts), (target.whole - target.good) * counts.valid)
}

/** (1 − SLI)/(1 − T): 1 spends the budget in exactly the SLO's window. Null when valid is 0; 0 when inconsistent. */
export function burnRate(target: Target, counts: Counts): number | null {
  if (counts.valid === 0n) return null
  if (isInconsistent(counts)) return 0
  return divide((counts.valid - counts.good) * target.whole, counts.valid * (target.whole - target.good))
}

/** The remaining events times `whole`, an integer. */
function remainingScaled(target: Target, { good, valid }: Counts): bigint {
  return (target.whole - target.good) * valid - (valid - good) * target.whole
}

/** The latest moment a JavaScript date can hold; a later end of a budget is no forecast. */
const latestDateMs = 8_640_000_000_000_000

/**
 * When the budget ends if it goes on burning at `burn`: now + remaining ratio × window ÷ burn. Null when nothing burns (or is
 * known), or beyond any calendar; `nowMs` when it is spent already and still burning.
 */
export function exhaustedAtMs(ratio: number, windowSeconds: number, burn: number | null, nowMs: number): number | null {
  if (burn === null || burn <= 0) return null
  if (ratio <= 0) return nowMs
  const endMs = nowMs + Math.round(((ratio * windowSeconds) / burn) * 1000)
  return endMs <= latestDateMs ? endMs : null
}
