/** Rounding for a person's eye, always towards the pessimistic side (semantics: presentation). Nothing compares these texts. */

export interface RatioFormat {
  /** Digits after the point of the percentage; more are shown when the target has more. */
  readonly digits?: number
  /** The SLO's target: a ratio below it is never shown as equal to it. */
  readonly target?: number
}

/**
 * A ratio as a percentage, rounded down: 0.99949 → `99.94 %`. With at least as many digits as the target itself, what is below
 * the target also looks below it. Null → `no data`.
 */
export function formatRatio(ratio: number | null, format: RatioFormat = {}): string {
  if (ratio === null) return 'no data'
  if (!Number.isFinite(ratio)) return `${ratio}`
  const digits = Math.max(format.digits ?? 2, format.target === undefined ? 0 : percentDigits(format.target))
  return `${roundedDown(ratio, 2, digits)} %`
}

/** An SLI with as many digits as its target, or two more where it would look the same as the target and is not. */
export function formatSli(sli: number | null, objective: number, objectiveText: string): string {
  const places = /\.(\d+)$/.exec(objectiveText)?.[1]?.length ?? 0
  const digits = Math.max(2, places - 2)
  const text = formatRatio(sli, { digits, target: objective })
  const looksMet = Number.parseFloat(text) === Number.parseFloat(formatObjective(objective))
  return looksMet && sli !== objective ? formatRatio(sli, { digits: digits + 2, target: objective }) : text
}

/** The target as it was written: 0.9995 → `99.95 %`. */
export function formatObjective(objective: number): string {
  return formatRatio(objective, { digits: 0, target: objective })
}

const fourDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 })

/** A number over another, to four digits, with its unit: 0.18181… → `0.1818 orders`. Null → `no data`. */
export function formatQuotient(value: number | null, unit: string): string {
  if (value === null) return 'no data'
  return unit === '' ? fourDigits.format(value) : `${fourDigits.format(value)} ${unit}`
}

/** The part of the budget left, whole percents rounded down; more digits would only flicker. */
export function formatBudget(ratio: number): string {
  return formatRatio(ratio, { digits: Math.abs(ratio) < 0.1 && ratio !== 0 ? 1 : 0 }).replace('-', '−')
}

/** The part of a budget that went, whole percents rounded up. */
export function formatSpent(share: number): string {
  return negated(formatBudget(-share).replace('−', '-'))
}

/** A burn rate with two digits, rounded up: 0.001 → `0.01`. Null → `no data`. */
export function formatBurnRate(rate: number | null): string {
  if (rate === null) return 'no data'
  if (!Number.isFinite(rate)) return `${rate}`
  return negated(roundedDown(-rate, 0, 2))
}

function negated(text: string): string {
  if (text.startsWith('-')) return text.slice(1)
  return /[1-9]/.test(text) ? `-${text}` : text
}

/** How many digits after the point the percentage of a ratio has: 0.9995 → 2. */
function percentDigits(ratio: number): number {
  const { places } = decimalOf(ratio)
  return Math.max(0, places - 2)
}

/** The shortest decimal that reads back as the same double, as integer and places: what people mean by 0.57 is 57/100. */
function decimalOf(value: number): { digits: bigint; places: number } {
  const [mantissa = '0', exponent = '0'] = String(value).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const places = fraction.length - Number(exponent)
  const digits = BigInt(`${whole}${fraction}`)
  return places < 0 ? { digits: digits * 10n ** BigInt(-places), places: 0 } : { digits, places }
}

/** value × 10^shift with `digits` digits after the point, rounded towards minus infinity. */
function roundedDown(value: number, shift: number, digits: number): string {
  const { digits: exact, places } = decimalOf(value)
  const wanted = digits + shift - places
  const scaled = wanted >= 0 ? exact * 10n ** BigInt(wanted) : floorDivide(exact, 10n ** BigInt(-wanted))
  const text = (scaled < 0n ? -scaled : scaled).toString().padStart(digits + 1, '0')
  const sign = scaled < 0n ? '-' : ''
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

function floorDivide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient
}
