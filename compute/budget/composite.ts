import { type Decimal, parseDecimal } from '../../slo-specs/schema/decimal.ts'
import type { Slo } from '../../slo-specs/schema/model.ts'
import { sliOf } from './budget.ts'
import { divide } from './divide.ts'
import type { Counts, MemberStatus } from './status.ts'

/**
 * Counts, and the exact fraction that the SLI is where they are not: of a composite, whose counts are that share of all its members' events;
 * and of slices that are good in parts, whose counts are the events in them.
 */
export interface WeighedCounts extends Counts {
  readonly exact?: Counts
  /** What was counted of each member, in the order of the definition. */
  readonly members?: readonly CountedMember[]
}

export interface WeighedMember {
  readonly counts: WeighedCounts
  readonly weight: Decimal
}

interface CountedMember extends WeighedMember {
  readonly name: string
}

/**
 * Σ wᵢ·SLIᵢ ÷ Σ wᵢ over the members with data (semantics: SLI, composite), as one fraction of integers. For the eye and for the evidence of alerts
 * good and valid are events: all that the members have, and the whole number of them that is at most the SLI's share.
 */
export function weighed(members: readonly WeighedMember[]): WeighedCounts {
  const withData = members.filter(hasData)
  if (withData.length === 0) return { good: 0n, valid: 0n }
  const eventWeights = eventWeightsOf(withData)
  const exact = withData.reduce(
    (sum, { counts }, index) => {
      const { good, valid } = fractionOf(counts)
      const weight = eventWeights[index] ?? 0n
      return { good: sum.good + weight * good, valid: sum.valid + weight * valid }
    },
    { good: 0n, valid: 0n },
  )
  const valid = withData.reduce((sum, { counts }) => sum + counts.valid, 0n)
  return { good: (exact.good * valid) / exact.valid, valid, exact }
}

/**
 * How much of a composite's error rate is each member's: wᵢ·(1 − SLIᵢ) ÷ Σ wⱼ·(1 − SLIⱼ) over the members with data. The shares sum to 1, or are
 * all 0 when nothing is bad. A member that delivered more good than valid events burns nothing.
 */
export function sharesOfBad(members: readonly WeighedMember[]): number[] {
  const withData = members.filter(hasData)
  const eventWeights = new Map(eventWeightsOf(withData).map((weight, index) => [withData[index], weight]))
  const bad = members.map(member => {
    const { good, valid } = fractionOf(member.counts)
    return good < valid ? (eventWeights.get(member) ?? 0n) * (valid - good) : 0n
  })
  const all = bad.reduce((sum, each) => sum + each, 0n)
  return bad.map(each => (all === 0n ? 0 : divide(each, all)))
}

/** What an SLI is one division of. */
const fractionOf = (counts: WeighedCounts): Counts => counts.exact ?? counts
const hasData = ({ counts, weight }: WeighedMember): boolean => fractionOf(counts).valid > 0n && weight.numerator > 0n

/** What one event (or slice) of each member weighs, as integers of one scale: those of a member weigh wᵢ together, however many they are. */
function eventWeightsOf(withData: readonly WeighedMember[]): bigint[] {
  const scale = product(withData.map(({ weight }) => weight.denominator))
  const allValid = product(withData.map(({ counts }) => fractionOf(counts).valid))
  return withData.map(
    ({ counts, weight }) => ((weight.numerator * scale) / weight.denominator) * (allValid / fractionOf(counts).valid),
  )
}

function product(factors: readonly bigint[]): bigint {
  return factors.reduce((all, factor) => all * factor, 1n)
}

/** What an SLO counts, from what was counted of it or, of a composite, of its members. */
export function countsOf(slo: Slo, counted: (slo: string, revision: string) => WeighedCounts): WeighedCounts {
  const { indicator } = slo
  if (indicator.kind !== 'composite') return counted(slo.name, slo.revision)
  const members = indicator.members.map(member => ({
    name: member.slo.name,
    counts: counted(member.slo.name, member.slo.revision),
    weight: weightOf(member.weight),
  }))
  return { ...weighed(members), members }
}

/**
 * How each member does over the composite's window.
 * @param lastHour what was counted of the same members in the last hour; undefined when that was not summed.
 */
export function memberStatuses(own: WeighedCounts, lastHour: WeighedCounts | undefined): MemberStatus[] {
  const members = own.members ?? []
  const shares = sharesOfBad(members)
  const sharesNow = sharesOfBad(lastHour?.members ?? [])
  return members.map(({ name, counts }, index) => ({
    name,
    good: counts.good,
    valid: counts.valid,
    sli: sliOf(fractionOf(counts)),
    shareOfConsumed: shares[index] ?? 0,
    shareOfBurn: sharesNow[index] ?? 0,
  }))
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
