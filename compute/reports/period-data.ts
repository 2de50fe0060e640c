import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { readRetained } from '../../store/queries/oldest-rows.ts'
import { readWindows } from '../../store/queries/read-windows.ts'
import type { RangePiece } from '../../store/queries/rollup-steps.ts'
import { readSlices } from '../../store/queries/slice-sums.ts'
import { budgetShare, type CountedBySlo } from '../budget/budget-share.ts'
import { countedSlos } from '../budget/composite.ts'
import { type Period, partsOf, periodBefore } from '../budget/period.ts'
import { sliceGroups, withSlices } from '../budget/slicing.ts'
import { statusFrom } from '../budget/slo-status.ts'
import type { SloStatus } from '../budget/status.ts'
import { type CountedWindows, windowSums } from '../budget/statuses.ts'
import { floorToMinuteMs, type SloPeriod, windowPlan } from '../budget/windows.ts'
import { noCounts, takenOff } from './counting.ts'
import { countPages, readIncidents } from './period-incidents.ts'
import type { PeriodReport, PeriodSlo } from './period-report.ts'
import type { Reports } from './reports.ts'

export interface PeriodSources {
  readonly reader: Reader
  readonly specs: SpecSet
  readonly episodes: Reports['episodes']
  readonly nowMs: number
}

/** Reads the report of a period that has begun: the counts of all SLOs in as many queries as a list of their statuses takes, then the incidents. */
export async function readPeriodReport(sources: PeriodSources, period: Period): Promise<PeriodReport> {
  const { specs, nowMs } = sources
  const untilMs = Math.min(period.toMs, nowMs)
  const before = periodBefore(period)
  const starts = partsOf(period, untilMs)
  const isRetained = await readRetained(sources.reader)
  const now = await countPeriod(sources, period, starts)
  const then = await countPeriod(sources, before, [before.fromMs])
  const slos = specs.slos.map(slo => periodSlo(slo, retained(slo, now, isRetained), retained(slo, then, isRetained)))
  const { incidents, omitted } = await readIncidents({ ...sources, isRetained }, period, now.whole)
  return {
    ...{ period, before, untilMs, slos: slos.sort(worstFirst), incidents, evaluatedAtMs: nowMs },
    revision: specs.revision,
    partEndsMs: [...starts.slice(1), untilMs],
    incidentsOmitted: omitted,
    incidentsBefore: await countPages(sources, before),
  }
}

/** What was counted in a period, and in what is left of it from the beginning of each of its parts on. */
interface CountedPeriod {
  readonly atMs: number
  readonly own: SloPeriod
  readonly windows: CountedWindows
  readonly whole: CountedBySlo
  /** Of the parts that are over: what was counted before the next one began. */
  readonly until: readonly CountedBySlo[]
  readonly isRetained: boolean
}

/** @param starts of the parts, the period's own beginning first. All windows end where counting ends, as those of statuses do. */
async function countPeriod(
  { reader, specs, nowMs }: PeriodSources,
  period: Period,
  starts: readonly number[],
): Promise<CountedPeriod> {
  const atMs = Math.min(period.toMs, nowMs)
  const lengths = starts.map(fromMs => (floorToMinuteMs(atMs) - fromMs) / 1000)
  const rows = lengths.toReversed().map(windowSeconds => ({ windowSeconds, pieces: windowPlan(atMs, windowSeconds) }))
  const groups = sliceGroups(specs.slos, atMs, () => lengths)
  const events = await readWindows(reader, rows, atMs)
  const windows = withSlices(events, groups, await readSlices(reader, groups))
  const [lookBackSeconds = 0, ...later] = lengths
  const whole: CountedBySlo = (name, revision) => windows.counts(name, revision, lookBackSeconds)
  const until = later.map(
    (length): CountedBySlo =>
      (name, revision) =>
        takenOff(whole(name, revision), windows.counts(name, revision, length)),
  )
  const own = { lookBackSeconds, fromMs: period.fromMs, wholeSeconds: (period.toMs - period.fromMs) / 1000 }
  return { atMs, own, windows, whole, until, isRetained: true }
}

/** Nothing in place of too little, where an SLO would be summed from rows that have gone. Slices are made of minutes. */
function retained(
  slo: Slo,
  counted: CountedPeriod,
  isRetained: (pieces: readonly RangePiece[]) => boolean,
): CountedPeriod {
  const { own, atMs, windows } = counted
  const minutes = [{ resolution: 'minute', fromMs: own.fromMs, toMs: atMs }] as const
  const isWhole = countedSlos(slo).every(({ timeSlices }) =>
    isRetained(timeSlices === undefined ? windowPlan(atMs, own.lookBackSeconds) : minutes),
  )
  if (isWhole) return counted
  const none = () => noCounts
  return { ...counted, windows: { ...windows, counts: none }, whole: none, until: [], isRetained: false }
}

/** The status that the SLO would have if its window were the period. Who is paged when is no matter of the past. */
function statusIn(slo: Slo, { atMs, own, windows }: CountedPeriod): SloStatus {
  const calendar = { ...slo, alerts: [] }
  const periodOf = () => own
  return statusFrom(calendar, windowSums(calendar, windows, periodOf), atMs, periodOf)
}

function periodSlo(slo: Slo, now: CountedPeriod, then: CountedPeriod): PeriodSlo {
  const [is, was] = [statusIn(slo, now), statusIn(slo, then)]
  const { name, service, objective, budgetingMethod, good, valid, sli, coverage, inconsistent, revision } = is
  const { allowed, consumed, remaining, remainingRatio } = is.errorBudget
  const spent = [...now.until, now.whole].map(some => budgetShare(slo, { ...now.own, whole: now.whole }, some))
  return {
    ...{ name, service, objective, budgetingMethod, good, valid, sli, coverage, inconsistent, revision },
    ...{ displayName: slo.displayName, objectiveText: slo.objectiveText },
    errorBudget: { allowed, consumed, remaining, remainingRatio },
    isRetained: now.isRetained,
    isKept: sli === null ? null : remainingRatio >= 0,
    spent: spent.filter(share => share !== null),
    before: {
      ...{ good: was.good, valid: was.valid, sli: was.sli },
      remainingRatio: was.sli === null ? null : was.errorBudget.remainingRatio,
    },
    trend: trendOf(was.sli, sli),
  }
}

function trendOf(before: number | null, now: number | null): PeriodSlo['trend'] {
  if (before === null || now === null) return null
  return now === before ? 'same' : now > before ? 'better' : 'worse'
}

/** Least budget left first; those without data, which say nothing, last. */
function worstFirst(a: PeriodSlo, b: PeriodSlo): number {
  if ((a.isKept === null) !== (b.isKept === null)) return a.isKept === null ? 1 : -1
  return a.errorBudget.remainingRatio - b.errorBudget.remainingRatio || (a.name < b.name ? -1 : 1)
}
