import { layerNames } from '../../slo-specs/schema/layers.ts'
import type { AlertRule, BurnCondition, Slo, SpecSet } from '../../slo-specs/schema/model.ts'

const filter = (text: string) =>
  ({ text, expression: { op: 'literal', value: { type: 'boolean', value: true } } }) as const
const position = { file: 'slo-specs/services/shop.yaml', line: 1, column: 1 }

const condition = (name: string, threshold: number, longHours: number, shortMinutes: number): BurnCondition => ({
  name,
  op: 'gte',
  threshold,
  longWindowSeconds: longHours * 3600,
  shortWindowSeconds: shortMinutes * 60,
  minCoverage: 0,
})

const rule = (severity: AlertRule['severity'], conditions: readonly BurnCondition[]): AlertRule => ({
  severity,
  conditions,
  alertAfterSeconds: 0,
  keepFiringForSeconds: 300,
  targets: ['on-call'],
  evidence: { maxChance: 0.01, minBad: 2 },
})

/** Two burn conditions a severity, as for a window of 30 days. */
const rules = [
  rule('page', [condition('burn-1h', 14.4, 1, 5), condition('burn-6h', 6, 6, 30)]),
  rule('ticket', [condition('burn-1d', 3, 24, 120), condition('burn-3d', 1, 72, 360)]),
]

export interface FixtureSlo {
  readonly slo: Slo
  readonly perSecond: number
  /** Share of bad events `hoursAgo` hours before now. */
  badShare(hoursAgo: number): number
}

function slo(name: string, service: string, displayName: string, description: string, objectiveText: string): Slo {
  return {
    name,
    displayName,
    description,
    service,
    labels: {},
    annotations: {},
    budgetingMethod: 'Occurrences',
    objective: Number(objectiveText),
    objectiveText,
    window: { kind: 'rolling', seconds: 30 * 86_400, text: '30d' },
    indicator: { kind: 'ratio', name, signal: 'traces', total: filter('true'), good: filter('status != "error"') },
    alerts: rules,
    layers: layerNames,
    noDataAfterSeconds: 600,
    minValid: 0,
    runbook: 'https://runbooks.example.org/checkout',
    revision: 'a1b2c3d4e5f60718',
    position,
  }
}

const steady = (share: number) => () => share
const between = (hoursAgo: number, newest: number, oldest: number) => hoursAgo >= newest && hoursAgo < oldest

/** One SLO of every state: exhausted, burning, healthy, and without data. */
export const fixtureSlos: readonly FixtureSlo[] = [
  {
    slo: slo(
      'checkout-availability',
      'checkout',
      'Checkout works',
      'Orders are accepted without a server error.',
      '0.999',
    ),
    perSecond: 40,
    badShare: ago => (between(ago, 0, 0.7) ? 0.06 : between(ago, 130, 134) ? 0.09 : 0.00035),
  },
  {
    slo: slo('payments-latency', 'payments', 'Payments are fast', 'A payment is authorised within 800 ms.', '0.99'),
    perSecond: 12,
    badShare: ago => (between(ago, 2, 5) ? 0.08 : between(ago, 300, 330) ? 0.12 : 0.0072),
  },
  {
    slo: slo(
      'storefront-availability',
      'storefront',
      'Shop opens',
      'Pages of the shop answer without an error.',
      '0.9995',
    ),
    perSecond: 180,
    badShare: ago => (between(ago, 60, 61) ? 0.02 : 0.0002),
  },
  {
    slo: slo('cart-latency', 'cart', 'Cart answers quickly', 'The cart answers within 250 ms.', '0.995'),
    perSecond: 60,
    badShare: ago => 0.0011 + (between(ago, 20, 22) ? 0.004 : 0),
  },
  {
    slo: slo('storefront-latency', 'storefront', 'Pages are fast', 'Pages of the shop answer within 400 ms.', '0.99'),
    perSecond: 180,
    badShare: steady(0.0021),
  },
  {
    slo: slo('refunds-availability', 'refunds', 'Refunds work', 'A refund is booked without an error.', '0.99'),
    perSecond: 0,
    badShare: steady(0),
  },
]

export const fixtureSpecs: SpecSet = {
  slos: fixtureSlos.map(fixture => fixture.slo),
  ratios: [],
  services: [],
  targets: [],
  revision: '5f0e7c2a91d34b68',
}
