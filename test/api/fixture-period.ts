import { type Period, partsOf, periodBefore } from '../../compute/budget/period.ts'
import type { PeriodIncident, PeriodReport, PeriodSlo } from '../../compute/reports/period-report.ts'
import type { Reports } from '../../compute/reports/reports.ts'

/** What the fixture's statuses and episodes make of a period: the budget goes evenly, and the period before was a tenth better. */
export async function fixturePeriod(
  reports: Omit<Reports, 'period'>,
  period: Period,
  nowMs: number,
): Promise<PeriodReport> {
  const untilMs = Math.min(period.toMs, nowMs)
  const partEndsMs = [...partsOf(period, untilMs).slice(1), untilMs]
  const specs = reports.specs()
  const slos = (await reports.listStatuses()).flatMap((status): PeriodSlo[] => {
    const slo = specs.slos.find(({ name }) => name === status.name)
    if (slo === undefined) return []
    const { name, service, objective, budgetingMethod, good, valid, sli, coverage, data, inconsistent, revision } =
      status
    const { allowed, consumed, remaining, remainingRatio } = status.errorBudget
    const spent = 1 - remainingRatio
    return [
      {
        ...{ name, service, objective, budgetingMethod, good, valid, sli, coverage, data, inconsistent, revision },
        ...{ displayName: slo.displayName, objectiveText: slo.objectiveText, isRetained: true },
        errorBudget: { allowed, consumed, remaining, remainingRatio },
        isKept: sli === null ? null : remainingRatio >= 0,
        spent: sli === null ? [] : partEndsMs.map((_, index) => (spent * (index + 1)) / partEndsMs.length),
        before: {
          good,
          valid,
          sli: sli === null ? null : sli + (1 - sli) / 10,
          remainingRatio: sli === null ? null : 0.1,
        },
        trend: sli === null ? null : 'worse',
      },
    ]
  })
  const sent = await reports.notifications({ limit: 100 })
  const episodes = await reports.episodes({ severity: 'page', limit: 100 })
  const incidents = episodes.flatMap(
    ({ slo, service, dedupKey, firedAtMs, resolvedAtMs, suspectVersion, burningLayers }, index): PeriodIncident[] => {
      if (firedAtMs === null || firedAtMs >= untilMs || (resolvedAtMs ?? nowMs) < period.fromMs) return []
      const told = sent.filter(record => record.dedupKey === dedupKey && record.action === 'trigger')
      return [
        {
          ...{ slo, service, dedupKey, firedAtMs, resolvedAtMs, suspectVersion, burningLayers },
          durationSeconds: ((resolvedAtMs ?? nowMs) - firedAtMs) / 1000,
          budgetShare: 0.31 / (index + 1),
          paged: told.map(({ target, state }) => ({ target, state })),
        },
      ]
    },
  )
  const { revision } = specs
  const counts = { incidentsOmitted: 0, incidentsBefore: 5 }
  return {
    ...counts,
    period,
    before: periodBefore(period),
    untilMs,
    revision,
    partEndsMs,
    slos,
    incidents,
    evaluatedAtMs: nowMs,
  }
}
