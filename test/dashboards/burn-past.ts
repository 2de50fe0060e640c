import fc from 'fast-check'
import { createMonotonicCounts } from '../../api/metrics/monotonic-counts.ts'
import { sloMetrics } from '../../api/metrics/slo-metrics.ts'
import type { BurnRate, SloStatus } from '../../compute/budget/status.ts'
import type { Slo } from '../../slo-specs/schema/model.ts'
import { createStandingClock } from '../api/api-under-test.ts'
import { createFixtureReports } from '../api/fixture-reports.ts'
import { ratesOf } from '../compute/alerts/rates.ts'

/** So far apart that Prometheus takes no old value for a new one, and no page is still kept firing. */
export const stepSeconds = 720
export const steps = 48
export const startSeconds = Math.floor(Date.UTC(2026, 10, 20) / 1000)

/** Burn rates by the name of the SLO. */
export type BurnRatesAt = ReadonlyMap<string, readonly BurnRate[]>

/** Rates of every window of every SLO at every step: none, none bad, below each threshold and above, with traffic that is evidence enough. */
export function pastOf(slos: readonly Slo[]): BurnRatesAt[] {
  const valid = 10_000_000
  const rate = fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 10, arbitrary: fc.constantFrom(0, 0.5, 0.9, 1.2, 2.9, 3.1, 5.9, 6.1, 14.3, 14.5, 40) },
  )
  const windows = new Map(slos.map(slo => [slo.name, windowsOf(slo)]))
  const [each = []] = fc.sample(
    fc.array(
      fc.record(
        Object.fromEntries(
          [...windows].map(([name, of]) => [name, fc.array(rate, { minLength: of.length, maxLength: of.length })]),
        ),
      ),
      {
        minLength: steps,
        maxLength: steps,
      },
    ),
    { numRuns: 1, seed: 7 },
  )
  return each.map(
    rates =>
      new Map(
        slos.map(slo => {
          const bad = (of: number) => Math.round(of * (1 - slo.objective) * valid)
          const counts = (windows.get(slo.name) ?? []).map((seconds, index) => {
            const of = rates[slo.name]?.[index] ?? null
            const counted: readonly [bad: number, valid: number] = of === null ? [0, 0] : [bad(of), valid]
            return [seconds, counted] as const
          })
          return [slo.name, ratesOf(Object.fromEntries(counts), { objectiveText: slo.objectiveText })]
        }),
      ),
  )
}

function windowsOf(slo: Slo): number[] {
  const seconds = slo.alerts.flatMap(({ conditions }) =>
    conditions.flatMap(({ longWindowSeconds, shortWindowSeconds }) => [
      longWindowSeconds,
      shortWindowSeconds ?? longWindowSeconds,
    ]),
  )
  return [...new Set(seconds)]
}

/** The series of /metrics at every step, as a text that Prometheus takes in. */
export async function openMetrics(slos: readonly Slo[], past: readonly BurnRatesAt[]): Promise<string> {
  const [sample] = await createFixtureReports(createStandingClock()).listStatuses()
  if (sample === undefined) throw new Error('the fixture has no status')
  const families = new Map<string, string[]>()
  for (const [index, rates] of past.entries()) {
    const atSeconds = startSeconds + index * stepSeconds
    const statuses = slos.map(
      (slo): SloStatus => ({ ...sample, name: slo.name, service: slo.service, burnRates: rates.get(slo.name) ?? [] }),
    )
    const snapshot = { statuses, firing: [], totals: new Map(), layers: [], ratios: [] }
    for (const { descriptor, dataPoints } of sloMetrics(snapshot, createMonotonicCounts(), atSeconds * 1000)) {
      const lines = families.get(descriptor.name) ?? []
      families.set(descriptor.name, lines)
      for (const { attributes, value } of dataPoints) {
        const labels = Object.entries(attributes).map(([name, of]) => `${name}="${String(of)}"`)
        lines.push(`${descriptor.name}{${labels.join(',')}} ${String(value)} ${atSeconds}`)
      }
    }
  }
  const texts = [...families].flatMap(([name, lines]) => [`# TYPE ${name} gauge`, ...lines])
  return [...texts, '# EOF', ''].join('\n')
}
