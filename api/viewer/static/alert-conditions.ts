import { type Child, h } from './dom.ts'
import { formatBurnRate } from './format.ts'
import { panel, table } from './parts.ts'
import type { Slo } from './reply-types.ts'

type Verdict = Slo['alerts'][number]['conditions'][number]['verdict']

/** What the evaluation made of a condition; it alone decides, the burn rates beside it only show how near it is. */
const verdictWords: Readonly<Record<Verdict, string>> = {
  holds: 'holds',
  below: 'does not hold',
  'no-data': 'no data to judge',
  uncovered: 'fast enough, but too little of the window was received',
  'too-few-valid': 'fast enough, but too few events',
  'too-little-evidence': 'fast enough, but may be chance',
}

/** The conditions of every alert of the SLO, each with its burn rates and whether it holds. */
export function alertConditions(slo: Slo): Child {
  const rateOf = (seconds: number | null) => slo.burnRates.find(burn => burn.windowSeconds === seconds)?.rate ?? null
  const shown = (rate: number | null) => (rate === null ? 'no data' : `${formatBurnRate(rate)}×`)
  const rows = slo.alerts.flatMap(({ severity, conditions: all }) =>
    all.map(condition => {
      const long = rateOf(condition.longWindowSeconds)
      const short = rateOf(condition.shortWindowSeconds)
      const windows = `${hours(condition.longWindowSeconds)}${condition.shortWindowSeconds === null ? '' : ` and ${hours(condition.shortWindowSeconds)}`}`
      return [
        severity === 'page' ? 'Page' : 'Ticket',
        windows,
        `${Math.round(condition.threshold * 100) / 100}×`,
        shown(long),
        shown(short),
        condition.verdict === 'holds'
          ? h('b', { class: 'missed' }, verdictWords.holds)
          : verdictWords[condition.verdict],
      ]
    }),
  )
  if (rows.length === 0) return null
  return panel(
    'When somebody is told',
    { key: 'conditions' },
    table('Alert conditions now', ['Severity', 'Burning over', 'Factor', 'Long window', 'Short window', 'Now'], rows),
  )
}

const hours = (seconds: number): string =>
  seconds % 86_400 === 0
    ? `${seconds / 86_400} d`
    : seconds % 3600 === 0
      ? `${seconds / 3600} h`
      : `${seconds / 60} min`
