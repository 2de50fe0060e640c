import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { type Retained, readRetained } from '../../store/queries/oldest-rows.ts'
import { readWindows } from '../../store/queries/read-windows.ts'
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
import { readKnownParts } from './known-parts.ts'
import type { Known } from './known-stretches.ts'
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
  const retained = await readRetained(sources.reader, 'slo')
  const now = await countPeriod(sources, period, starts, retained)
  const then = await countPeriod(sources, before, [before.fromMs], retained)
  const slos = specs.slos.map(slo => periodSlo(slo, now, then))
  const { incidents, omitted } = await readIncidents({ ...sources, retained }, period, now.whole)
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
  /** False where a part cannot be told from the next one, because rows around its end have gone. */
  readonly hasParts: boolean
  readonly known: (slo: Slo) => Known
}

/** @param starts of the parts, the period's own beginning first. All windows end where counting ends, as those of statuses do. */
async function countPeriod(
  { reader, specs, nowMs }: PeriodSources,
  period: Period,
  starts: readonly number[],
  retained: Retained,
): Promise<CountedPeriod> {
  const atMs = Math.min(period.toMs, nowMs)
  const lengths = starts.map(fromMs => (floorToMinuteMs(atMs) - fromMs) / 1000)
  const rows = lengths.toReversed().map(windowSeconds => ({ windowSeconds, pieces: windowPlan(atMs, windowSeconds) }))
  const own = {
    lookBackSeconds: lengths[0] ?? 0,
    fromMs: period.fromMs,
    wholeSeconds: (period.toMs - period.fromMs) / 1000,
  }
  const { known, keptFromMs } = await readKnownParts(reader, specs.slos, () => own, atMs, { retained })
  const groups = sliceGroups(specs.slos, atMs, () => lengths, keptFromMs)
  const events = await readWindows(reader, rows, atMs)
  const windows = withSlices(events, groups, await readSlices(reader, groups))
  const [lookBackSeconds = 0, ...later] = lengths
  const whole: CountedBySlo = (name, revision) => windows.counts(name, revision, lookBackSeconds)
  const until = later.map(
    (length): CountedBySlo =>
      (name, revision) =>
        takenOff(whole(name, revision), windows.counts(name, revision, length)),
  )
  const hasParts = rows.every(({ pieces }) => retained.isWhole(pieces))
  return { atMs, own, windows: { ...windows, known }, whole, until, hasParts, known }
}

/** Nothing in place of too little. */
function withoutCounts(counted: CountedPeriod): CountedPeriod {
  const none = () => noCounts
  return { ...counted, windows: { ...counted.windows, counts: none }, whole: none, until: [] }
}

/** The status that the SLO would have if its window were the period. Who is paged when is no matter of the past. */
function statusIn(slo: Slo, { atMs, own, windows }: CountedPeriod): SloStatus {
  const calendar = { ...slo, alerts: [] }
  const periodOf = () => own
  return statusFrom(calendar, windowSums(calendar, windows, periodOf), atMs, periodOf)
}

/** A period that is known in part is told with the part; one to compare with is a whole one, or none. */
function periodSlo(slo: Slo, counted: CountedPeriod, countedBefore: CountedPeriod): PeriodSlo {
  const { isRetained } = counted.known(slo)
  const now = isRetained ? counted : withoutCounts(counted)
  const then = countedBefore.known(slo).isWhole ? countedBefore : withoutCounts(countedBefore)
  const [is, was] = [statusIn(slo, now), statusIn(slo, then)]
  const { name, service, objective, budgetingMethod, good, valid, sli, coverage, data, inconsistent, revision } = is
  const { allowed, consumed, remaining, remainingRatio } = is.errorBudget
  // All parts of time slices are made of the same rows.
  const hasParts = countedSlos(slo).every(({ timeSlices }) => timeSlices !== undefined || now.hasParts)
  const shares = hasParts ? [...now.until, now.whole] : []
  const spent = shares.map(some => budgetShare(slo, { ...now.own, whole: now.whole }, some))
  return {
    ...{ name, service, objective, budgetingMethod, good, valid, sli, coverage, data, inconsistent, revision },
    ...{ displayName: slo.displayName, objectiveText: slo.objectiveText },
    errorBudget: { allowed, consumed, remaining, remainingRatio },
    isRetained,
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
