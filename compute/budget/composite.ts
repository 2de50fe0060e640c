import { type Decimal, parseDecimal } from '../../slo-specs/schema/decimal.ts'
import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Counts } from './status.ts'

/**
 * Counts, and the exact fraction that the SLI is where they are not: of a composite, whose counts are that share of all its members' events;
 * and of slices that are good in parts, whose counts are the events in them.
 */
export interface WeighedCounts extends Counts {
  readonly exact?: Counts
}

export interface WeighedMember {
  readonly counts: WeighedCounts
  readonly weight: Decimal
}

/**
 * Σ wᵢ·SLIᵢ ÷ Σ wᵢ over the members with data (semantics: SLI, composite), as one fraction of integers. For the eye and for the evidence of alerts
 * good and valid are events: all that the members have, and the whole number of them that is at most the SLI's share.
 */
export function weighed(members: readonly WeighedMember[]): WeighedCounts {
  const withData = members
    .map(({ counts, weight }) => ({ counts, weight, sli: counts.exact ?? counts }))
    .filter(({ sli, weight }) => sli.valid > 0n && weight.numerator > 0n)
  const scale = product(withData.map(({ weight }) => weight.denominator))
  const product1 = product(withData.map(({ sli }) => sli.valid))
  if (withData.length === 0) return { good: 0n, valid: 0n }
  let good = 0n
  let weights = 0n
  for (const { sli, weight } of withData) {
    const share = (weight.numerator * scale) / weight.denominator
    good += share * sli.good * (product1 / sli.valid)
    weights += share
  }
  const exact = { good, valid: weights * product1 }
  const valid = withData.reduce((sum, { counts }) => sum + counts.valid, 0n)
  return { good: (exact.good * valid) / exact.valid, valid, exact }
}

function product(factors: readonly bigint[]): bigint {
  return factors.reduce((all, factor) => all * factor, 1n)
}

/** What an SLO counts, from what was counted of it or, of a composite, of its members. */
export function countsOf(slo: Slo, counted: (slo: string, revision: string) => WeighedCounts): WeighedCounts {
  const { indicator } = slo
  if (indicator.kind !== 'composite') return counted(slo.name, slo.revision)
  return weighed(
    indicator.members.map(member => ({
      counts: counted(member.slo.name, member.slo.revision),
      weight: weightOf(member.weight),
    })),
  )
}

export function weightOf(text: string): Decimal {
  const weight = parseDecimal(text)
  if (weight === undefined) throw new RangeError(`${text} is no weight`)
  return weight
}

/** The SLOs that are counted for an SLO: itself, or the members of a composite. */
export function countedSlos({ indicator, ...slo }: Slo): readonly Slo[] {
  return indicator.kind === 'composite' ? indicator.members.map(member => member.slo) : [{ ...slo, indicator }]
}

/** The signals that an SLO's counts come from. */
export function signalsOf(slo: Slo): readonly string[] {
  return [...new Set(countedSlos(slo).map(({ indicator }) => indicator.signal))]
}
