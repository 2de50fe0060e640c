import { type RatioReports, ratioWindowSeconds } from '../../compute/reports/ratio-reports.ts'
import type { TimeRange } from '../../compute/reports/reports.ts'
import type { Clock } from '../../lib/clock.ts'
import { layerNames } from '../../slo-specs/schema/layers.ts'
import type { Ratio, RatioSide } from '../../slo-specs/schema/model.ts'

const position = { file: 'shop.yaml', line: 1, column: 1 }
const side = (filter: string, aggregateText = 'count'): RatioSide => ({
  signal: 'traces',
  filter: { text: filter, expression: { op: 'literal', value: { type: 'boolean', value: true } } },
  aggregate: { function: 'count' },
  aggregateText,
})
const ratio = (name: string, change: Partial<Ratio>): Ratio => ({
  name,
  displayName: name,
  description: '',
  unit: '',
  numerator: side('name == "paid"'),
  denominator: side('name == "opened"'),
  layers: layerNames,
  includeSynthetic: false,
  revision: `revision-${name}`,
  position,
  ...change,
})

const paid = 'service.name == "payments" && http.route == "/charges" && status != "Error"'
const opened = 'service.name == "cart" && http.request.method == "POST" && http.route == "/carts"'
export const fixtureRatios: readonly Ratio[] = [
  ratio('items-per-order', {
    displayName: 'Items per order',
    description: 'How much a visitor buys at once.',
    unit: 'items',
    numerator: side(opened, 'sum(cart.items)'),
    layers: ['region'],
  }),
  ratio('orders-per-cart', {
    displayName: 'Orders per cart',
    description: 'Orders paid for each cart that is opened.',
    numerator: side(paid),
    denominator: side(opened),
  }),
  ratio('refunds-per-order', { displayName: 'Refunds per order', description: 'None were asked for yet.' }),
]

/** Of the carts' items a fortnight is kept, of everything else all. */
const keptFromMs = (name: string, nowMs: number) => (name === 'items-per-order' ? nowMs - 14 * 86_400_000 : 0)

/** Values from closed formulas of the time, as `createFixtureReports` has them; the last ratio has none. */
export function createFixtureRatios(clock: Clock): RatioReports {
  const quotient = (name: string, atMs: number, denominator: number) => {
    if (name === 'refunds-per-order') return { value: null, numerator: 0n, denominator: 0n, isEstimate: false }
    const level = (name === 'items-per-order' ? 2.4 : 0.31) * (1 + 0.2 * Math.sin(atMs / 3_600_000))
    const numerator = Math.round(level * denominator)
    return {
      value: numerator / denominator,
      numerator: BigInt(numerator),
      denominator: BigInt(denominator),
      isEstimate: false,
    }
  }
  const known = (name: string, { fromMs, toMs }: TimeRange) => {
    const beginMs = Math.max(fromMs, Math.min(toMs, keptFromMs(name, clock.now())))
    return { coverage: (toMs - beginMs) / (toMs - fromMs), data: beginMs < toMs ? { fromMs: beginMs, toMs } : null }
  }
  const status = (of: Ratio) => ({
    ratio: of,
    windows: ratioWindowSeconds.map(windowSeconds => {
      const toMs = clock.now()
      const range = { fromMs: toMs - windowSeconds * 1000, toMs }
      return {
        windowSeconds,
        ...range,
        ...known(of.name, range),
        ...quotient(of.name, toMs, Math.round(windowSeconds / 3)),
      }
    }),
  })
  const find = (name: string) => fixtureRatios.find(each => each.name === name)
  return {
    ratios: () => fixtureRatios,
    values: async () => fixtureRatios.map(status),
    list: async () => fixtureRatios.map(status),
    known: async (name, range) => known(name, range),
    status: async name => {
      const found = find(name)
      return found && status(found)
    },
    history: async (name, { fromMs, toMs, stepSeconds }) => {
      const stepMs = stepSeconds * 1000
      const first = Math.floor(fromMs / stepMs) * stepMs
      const steps = Math.max(0, Math.ceil((toMs - first) / stepMs))
      return Array.from({ length: steps }, (_, index) => {
        const atMs = first + index * stepMs
        return { atMs, ...quotient(name, atMs, Math.max(1, Math.round(stepSeconds / 3))) }
      })
    },
    layers: async (name, by) =>
      name === 'refunds-per-order'
        ? []
        : [`${by}-1`, `${by}-2`].map((layerValue, index) => ({
            layerValue,
            ...quotient(name, clock.now() + index * 3_600_000, 600 - index * 200),
          })),
  }
}
