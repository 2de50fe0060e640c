import type { AlertEpisode } from '../../compute/alerts/episode.ts'
import type { BurnRate, SloStatus } from '../../compute/budget/status.ts'
import { attribute } from '../../compute/reports/attribution.ts'
import type { HistoryRange, LayerRow, Reports, TimeRange } from '../../compute/reports/reports.ts'
import type { Clock } from '../../lib/clock.ts'
import { formatDuration } from '../../lib/durations.ts'
import { layerColumns, layerNames } from '../../slo-specs/schema/layers.ts'
import { fixtureEpisodes, fixtureNotifications } from './fixture-episodes.ts'
import { fixturePeriod } from './fixture-period.ts'
import { type FixtureSlo, fixtureSlos, fixtureSpecs } from './fixture-specs.ts'

const hourMs = 3_600_000
const windowHours = 720

/** Values of every layer with their share of the traffic and how much worse than the rest they are. */
const layerValues: Record<string, readonly (readonly [value: string, weight: number, badness: number])[]> = {
  region: [
    ['eu-central-1', 0.6, 1.5],
    ['us-east-1', 0.4, 0.25],
  ],
  availability_zone: [
    ['eu-central-1b', 0.3, 2.9],
    ['eu-central-1a', 0.3, 0.1],
    ['us-east-1a', 0.4, 0.25],
  ],
}

const valuesOf = (by: string) => layerValues[by] ?? [[`${by}-1`, 0.5, 1.6] as const, [`${by}-2`, 0.5, 0.4] as const]

/**
 * A small shop with an incident, all from closed formulas of the time: the same clock gives the same numbers. It stands in for
 * compute only where a test is about presentation; what the numbers mean is tested in compute.
 */
export function createFixtureReports(clock: Clock): Reports {
  const find = (name: string) => fixtureSlos.find(fixture => fixture.slo.name === name)

  const counts = ({ perSecond, badShare }: FixtureSlo, fromMs: number, toMs: number, weight = 1, badness = 1) => {
    const now = clock.now()
    const endMs = Math.min(toMs, now)
    const pieces = 24
    let valid = 0
    let bad = 0
    for (let piece = 0; piece < pieces; piece++) {
      const atMs = fromMs + ((piece + 0.5) / pieces) * (endMs - fromMs)
      const rhythm = 1 + 0.45 * Math.sin(((atMs % (24 * hourMs)) / (24 * hourMs)) * 2 * Math.PI - 1.9)
      const events = (perSecond * rhythm * weight * (endMs - fromMs)) / 1000 / pieces
      const noise = 1 + 0.35 * Math.sin(atMs / 540_000) * Math.sin(atMs / 171_000)
      valid += events
      bad += events * Math.min(1, badShare((now - atMs) / hourMs) * noise * badness)
    }
    return { valid: BigInt(Math.round(valid)), good: BigInt(Math.round(valid)) - BigInt(Math.round(bad)) }
  }
  const sliOf = ({ good, valid }: { good: bigint; valid: bigint }) =>
    valid === 0n ? null : Number(good) / Number(valid)
  const burnOf = (fixture: FixtureSlo, sli: number | null) =>
    sli === null ? null : (1 - sli) / (1 - fixture.slo.objective)

  const burnRate = (fixture: FixtureSlo, seconds: number): BurnRate => {
    const now = clock.now()
    const sum = counts(fixture, now - seconds * 1000, now)
    const rate = burnOf(fixture, sliOf(sum))
    return { window: formatDuration(seconds), windowSeconds: seconds, rate, coverage: 1, ...sum }
  }

  const budgetAt = (fixture: FixtureSlo, atMs: number) => {
    let sum = 0
    for (let hour = 0; hour < windowHours; hour += 0.5) sum += fixture.badShare((clock.now() - atMs) / hourMs + hour)
    return 1 - sum / (windowHours * 2) / (1 - fixture.slo.objective)
  }

  const statusOf = (fixture: FixtureSlo): SloStatus => {
    const now = clock.now()
    const { slo } = fixture
    const fromMs = now - windowHours * hourMs
    const valid = counts(fixture, fromMs, now).valid
    const remainingRatio = valid === 0n ? 1 : budgetAt(fixture, now)
    const allowed = (1 - slo.objective) * Number(valid)
    const consumed = BigInt(Math.round((1 - remainingRatio) * allowed))
    const burnRates = [300, 1800, 3600, 7200, 21_600, 86_400, 259_200].map(seconds => burnRate(fixture, seconds))
    const hourly = burnRates[2]?.rate ?? null
    const burning = (hourly ?? 0) >= 14.4
    const leftMs = hourly === null || hourly <= 0 ? null : (remainingRatio * windowHours * hourMs) / hourly
    return {
      name: slo.name,
      service: slo.service,
      objective: slo.objective,
      budgetingMethod: 'Occurrences',
      window: { kind: 'rolling', text: slo.window.text, fromMs, toMs: now },
      good: valid - consumed,
      valid,
      bad: consumed,
      sli: sliOf({ good: valid - consumed, valid }),
      errorBudget: {
        allowed,
        consumed,
        remaining: allowed - Number(consumed),
        remainingRatio,
        exhaustedAtMs: leftMs === null || leftMs < 0 ? null : Math.round(now + leftMs),
        exhaustedAtDayRateMs: null,
      },
      burnRates,
      coverage: valid === 0n ? 0 : 1,
      data: valid === 0n ? null : { fromMs, toMs: now },
      status: valid === 0n ? 'no-data' : remainingRatio <= 0 ? 'exhausted' : burning ? 'burning' : 'healthy',
      members: [],
      inconsistent: false,
      revision: slo.revision,
      evaluatedAtMs: now,
    }
  }

  const steps = ({ fromMs, toMs, stepSeconds }: HistoryRange) => {
    const stepMs = stepSeconds * 1000
    const first = Math.floor(fromMs / stepMs) * stepMs
    return Array.from({ length: Math.ceil((toMs - first) / stepMs) }, (_, index) => first + index * stepMs)
  }

  const layerRows = (fixture: FixtureSlo, by: string, range: TimeRange): LayerRow[] => {
    const rows = valuesOf(by).map(([value, weight, badness]) => ({
      value,
      ...counts(fixture, range.fromMs, range.toMs, weight, badness),
    }))
    const bad = rows.reduce((sum, row) => sum + Number(row.valid - row.good), 0)
    const worstFirst = rows.sort((a, b) => Number(b.valid - b.good - (a.valid - a.good)))
    return worstFirst.map(row => ({
      ...row,
      sli: sliOf(row),
      burnRate: burnOf(fixture, sliOf(row)),
      shareOfBad: bad === 0 ? 0 : Number(row.valid - row.good) / bad,
    }))
  }

  const worstFirst = (a: SloStatus, b: SloStatus) => a.errorBudget.remainingRatio - b.errorBudget.remainingRatio
  const reports: Omit<Reports, 'period'> = {
    specs: () => fixtureSpecs,
    listStatuses: async () => fixtureSlos.map(statusOf).sort(worstFirst),
    status: async name => {
      const fixture = find(name)
      return fixture === undefined ? undefined : statusOf(fixture)
    },
    bounds: async name => {
      if (name !== 'payments-latency') return null
      const toMs = Math.floor(clock.now() / 60_000) * 60_000
      return { fromMs: toMs - 24 * hourMs, toMs, valid: 10_000n, goodAtLeast: 9_800n, goodAtMost: 9_950n }
    },
    known: async (name, { fromMs, toMs }) =>
      find(name) === undefined ? undefined : { coverage: 1, data: { fromMs, toMs: Math.min(toMs, clock.now()) } },
    history: async (name, range) => {
      const fixture = find(name)
      if (fixture === undefined) return []
      return steps(range).map(atMs => {
        const sum = counts(fixture, atMs, atMs + range.stepSeconds * 1000)
        const sli = sliOf(sum)
        const budgetRemainingRatio = sli === null ? null : budgetAt(fixture, atMs + range.stepSeconds * 1000)
        return { atMs, ...sum, sli, burnRate: burnOf(fixture, sli), budgetRemainingRatio }
      })
    },
    layers: async (name, by, range) => {
      const fixture = find(name)
      return fixture === undefined ? [] : layerRows(fixture, by, range)
    },
    attribution: async (name, windowSeconds = windowHours * 3600) => {
      const fixture = find(name)
      if (fixture === undefined) return undefined
      const range = { fromMs: clock.now() - windowSeconds * 1000, toMs: clock.now() }
      const rows = layerNames.flatMap(layer =>
        layerRows(fixture, layer, range).map(row => ({ ...row, layerColumn: layerColumns[layer] })),
      )
      return { window: formatDuration(windowSeconds), ...range, ...attribute(rows, fixture.slo), versions: null }
    },
    layerHistory: async (name, by, range) => {
      const fixture = find(name)
      if (fixture === undefined) return []
      return valuesOf(by).map(([value, weight, badness]) => ({
        value,
        points: steps(range).map(atMs => {
          const sum = counts(fixture, atMs, atMs + range.stepSeconds * 1000, weight, badness)
          return { atMs, ...sum, sli: sliOf(sum) }
        }),
      }))
    },
    totals: async sinceMs =>
      new Map(fixtureSlos.map(fixture => [fixture.slo.name, counts(fixture, sinceMs, clock.now())])),
    episodes: async ({ slo, severity, state, limit }) =>
      fixtureEpisodes(clock.now())
        .filter(episode => isWanted(episode, slo, severity, state))
        .slice(0, limit),
    deployments: async (service, { fromMs, toMs }) =>
      [
        { service: 'checkout', version: '2.14.0', firstSeenMs: clock.now() - 0.75 * hourMs },
        { service: 'checkout', version: '2.13.2', firstSeenMs: clock.now() - 134.2 * hourMs },
      ].filter(found => found.service === service && found.firstSeenMs >= fromMs && found.firstSeenMs < toMs),
    notifications: async ({ slo, limit }) =>
      fixtureNotifications(clock.now())
        .filter(record => slo === undefined || record.slo === slo)
        .slice(0, limit),
  }
  return { ...reports, period: period => fixturePeriod(reports, period, clock.now()) }
}

function isWanted(episode: AlertEpisode, slo?: string, severity?: string, state?: string): boolean {
  return (
    (slo === undefined || episode.slo === slo) &&
    (severity === undefined || episode.severity === severity) &&
    (state === undefined || episode.state === state)
  )
}
