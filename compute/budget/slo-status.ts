import { formatDuration } from '../../lib/durations.ts'
import type { Slo, TimeSlices } from '../../slo-specs/schema/model.ts'
import {
  allowedEvents,
  burnRate,
  exhaustedAtMs,
  isInconsistent,
  remainingEvents,
  remainingRatio,
  sliOf,
  targetOf,
} from './budget.ts'
import { memberStatuses, type WeighedCounts } from './composite.ts'
import { leftOutSlices } from './left-out-slices.ts'
import { sliceBudget } from './slice-budget.ts'
import { sliceShareOf } from './slice-share.ts'
import type { BurnRate, Counts, ErrorBudget, KnownPart, SloState, SloStatus } from './status.ts'
import { burnsAt } from './thresholds.ts'
import { forecastWindowSeconds, lookBackWindows, type PeriodOf, periodsAt, type SloPeriod } from './windows.ts'

/** What was counted in one look-back window. */
export interface WindowSum extends WeighedCounts {
  readonly windowSeconds: number
  /** Minutes in which the store was receiving the signal ÷ minutes of the window. */
  readonly coverage: number
  /** Where the data of it lie; all over it where nobody looked. */
  readonly data?: KnownPart['data']
}

/**
 * The status of an SLO from its window sums (`neededWindows` says which; a window that is missing counts as not summed: nothing
 * is forecast from it and no condition holds on it).
 * @param sums one entry a window length, the SLO's own window among them.
 * @param nowMs the moment the sums were taken for.
 * @param periodOf what the SLO's own window covers then; given by callers with many SLOs.
 */
export function statusFrom(
  slo: Slo,
  sums: readonly WindowSum[],
  nowMs: number,
  periodOf: PeriodOf = periodsAt(nowMs),
): SloStatus {
  const noSum: Omit<WindowSum, 'windowSeconds'> = { good: 0n, valid: 0n, coverage: 0 }
  const period = periodOf(slo.window)
  const own = sums.find(({ windowSeconds }) => windowSeconds === period.lookBackSeconds) ?? noSum
  const { good, valid, coverage, data = { fromMs: period.fromMs, toMs: nowMs } } = own
  const burnRates = burnRatesOf(slo, sums, period)
  const errorBudget = errorBudgetOf(slo, own, { burnRates, period, nowMs })
  return {
    name: slo.name,
    service: slo.service,
    objective: slo.objective,
    budgetingMethod: slo.budgetingMethod,
    window: { kind: slo.window.kind, text: slo.window.text, fromMs: period.fromMs, toMs: nowMs },
    good,
    valid,
    bad: valid - good,
    sli: sliOf(own.exact ?? own),
    errorBudget,
    burnRates,
    coverage,
    data,
    status: stateOf(slo, own.exact ?? own, errorBudget, burnRates),
    members: memberStatuses(
      own,
      sums.find(({ windowSeconds }) => windowSeconds === forecastWindowSeconds.hour),
    ),
    inconsistent: [own, ...sums].some(
      sum => isInconsistent(sum) || (sum.exact !== undefined && isInconsistent(sum.exact)),
    ),
    revision: slo.revision,
    evaluatedAtMs: nowMs,
  }
}

function errorBudgetOf(
  slo: Slo,
  counts: WeighedCounts,
  at: { readonly burnRates: readonly BurnRate[]; readonly period: SloPeriod; readonly nowMs: number },
): ErrorBudget {
  const { burnRates, period, nowMs } = at
  const target = targetOf(slo.objectiveText)
  const { allowed, consumed, remaining, ratio } =
    slo.timeSlices === undefined
      ? {
          allowed: allowedEvents(target, counts),
          consumed: counts.valid - counts.good,
          remaining: remainingEvents(target, counts),
          ratio: remainingRatio(target, counts.exact ?? counts),
        }
      : sliceBudget(target, counts.exact ?? counts, judgedSeconds(slo, slo.timeSlices, period), slo.timeSlices)
  const endsAt = (seconds: number) => {
    const rate = burnRates.find(({ windowSeconds }) => windowSeconds === seconds)?.rate ?? null
    return exhaustedAtMs(ratio, period.wholeSeconds, rate, nowMs)
  }
  return {
    allowed,
    consumed,
    remaining,
    remainingRatio: ratio,
    exhaustedAtMs: endsAt(forecastWindowSeconds.hour),
    exhaustedAtDayRateMs: endsAt(forecastWindowSeconds.day),
  }
}

/** The length of a window without the slices that corrections leave out of it, elapsed or not. */
export function judgedSeconds(
  { corrections }: Pick<Slo, 'corrections'>,
  { seconds }: Pick<TimeSlices, 'seconds'>,
  { fromMs, wholeSeconds }: Pick<SloPeriod, 'fromMs' | 'wholeSeconds'>,
): number {
  const window = { fromMs, toMs: fromMs + wholeSeconds * 1000 }
  return wholeSeconds - leftOutSlices(corrections, window, seconds) * seconds
}

/** Ascending. The elapsed part of a calendar window has another length every minute, so it goes by the window's name. */
function burnRatesOf(slo: Slo, sums: readonly WindowSum[], { lookBackSeconds }: SloPeriod): BurnRate[] {
  const lookBacks = lookBackWindows(slo)
  return sums
    .map(sum => {
      const isOwn =
        slo.window.kind === 'calendar' && sum.windowSeconds === lookBackSeconds && !lookBacks.includes(lookBackSeconds)
      return isOwn ? { ...burnRateOf(slo, sum), window: slo.window.text } : burnRateOf(slo, sum)
    })
    .sort((a, b) => a.windowSeconds - b.windowSeconds)
}

/** The burn rate over one window, as status and alerts show and judge it. */
export function burnRateOf(slo: Pick<Slo, 'objectiveText' | 'timeSlices'>, sum: WindowSum): BurnRate {
  return {
    window: formatDuration(sum.windowSeconds),
    windowSeconds: sum.windowSeconds,
    good: sum.good,
    valid: sum.valid,
    rate: burnRate(targetOf(slo.objectiveText), sum.exact ?? sum),
    coverage: sum.coverage,
    ...(slo.timeSlices === undefined || sum.exact === undefined
      ? {}
      : { slices: wholeSlices(slo.timeSlices, sum.exact) }),
  }
}

/** Parts of bad slices make a bad one only when they are as much as one. */
function wholeSlices(slices: TimeSlices, { good, valid }: Counts): Counts {
  const { parts } = sliceShareOf(slices)
  return { good: valid / parts - (valid - good) / parts, valid: valid / parts }
}

/**
 * no-data: no valid event in the SLO's window. exhausted: nothing of the budget is left. burning: some alert condition's burn
 * passes its threshold over its windows now (an SLO without conditions: the last hour burns at 1 or more, faster than the budget
 * lasts). Evidence, coverage and `alertAfter` decide only whether somebody is told, not the colour.
 */
function stateOf(slo: Slo, counts: Counts, budget: ErrorBudget, burnRates: readonly BurnRate[]): SloState {
  if (counts.valid === 0n) return 'no-data'
  if (budget.remainingRatio <= 0) return 'exhausted'
  const conditions = slo.alerts.flatMap(({ conditions }) => conditions)
  if (conditions.length > 0) {
    return conditions.some(condition => isAlarm(condition.op) && burnsAt(condition, burnRates)) ? 'burning' : 'healthy'
  }
  const hour = burnRates.find(({ windowSeconds }) => windowSeconds === forecastWindowSeconds.hour)
  return (hour?.rate ?? 0) >= 1 ? 'burning' : 'healthy'
}

/** A condition on too little burn (`lt`, `lte`) says nothing about a budget that burns. */
function isAlarm(op: 'gt' | 'gte' | 'lt' | 'lte'): boolean {
  return op === 'gt' || op === 'gte'
}
