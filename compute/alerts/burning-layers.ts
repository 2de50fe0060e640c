import { type LayerName, layerColumns, layerNames } from '../../slo-specs/schema/layers.ts'
import type { Counts } from '../budget/status.ts'
import type { BurningLayer } from './episode.ts'

export interface LayerCounts extends Counts {
  readonly layerColumn: string
  readonly value: string
}

/** One value's part of all events of a window, and of the bad ones among them. */
export interface EventPart extends Counts {
  /** Empty for events that do not say. */
  readonly value: string
  readonly bad: bigint
  /** Of all bad events; the parts' sum to 1, or are all 0 when nothing is bad. */
  readonly shareOfBad: number
  readonly shareOfValid: number
  /** `shareOfBad − shareOfValid`: above 0 where more fails than its traffic explains; the parts' sum to 0 while something is bad. */
  readonly excess: number
  /** Its values are told apart, it has one, and its share of the bad events is worth telling. */
  readonly isTelling: boolean
}

export interface RankedLayer {
  readonly layer: LayerName
  /** What tells something first, by their excess. */
  readonly parts: readonly EventPart[]
}

/** Values told of each layer, and the smallest share of the bad events that is worth telling. */
const valuesALayer = 3
const smallestShare = 0.05

/**
 * Where something burns: the worst values of every layer that tells values apart, the layer that explains most first. What
 * explains is a value with a larger share of the bad events than of all events: a zone with 90 % of the failures and a third of
 * the traffic stands before a region with all of both.
 */
export function rankBurningLayers(counts: readonly LayerCounts[]): BurningLayer[] {
  return rankLayers(counts).flatMap(({ layer, parts }) =>
    parts
      .filter(({ isTelling }) => isTelling)
      .slice(0, valuesALayer)
      .map(({ value, bad, valid, shareOfBad }) => ({ layer, value, bad, valid, shareOfBad })),
  )
}

/** Every layer with all its values, in the order in which a page names them: its first is `rankBurningLayers`' first. */
export function rankLayers(counts: readonly LayerCounts[]): RankedLayer[] {
  const excessOf = ({ parts: [first] }: RankedLayer) => (first?.isTelling === true ? first.excess : -1)
  return layerNames
    .map(layer => ({
      layer,
      parts: rankParts(counts.filter(({ layerColumn }) => layerColumn === layerColumns[layer])),
    }))
    .sort((a, b) => excessOf(b) - excessOf(a))
}

/** @param counts of which a value may come once a resolution. */
export function rankParts(counts: readonly (Counts & { readonly value: string })[]): EventPart[] {
  const values = new Map<string, Counts>()
  for (const { value, good, valid } of counts) {
    const known = values.get(value)
    values.set(value, { good: good + (known?.good ?? 0n), valid: valid + (known?.valid ?? 0n) })
  }
  const all = [...values.values()]
  const allBad = all.reduce((sum, { good, valid }) => sum + valid - good, 0n)
  const allValid = all.reduce((sum, { valid }) => sum + valid, 0n)
  const parts = [...values].map(([value, { good, valid }]): EventPart => {
    const bad = valid - good
    const shareOfBad = allBad <= 0n ? 0 : Number(bad) / Number(allBad)
    const shareOfValid = allValid === 0n ? 0 : Number(valid) / Number(allValid)
    const isTelling = values.size > 1 && allBad > 0n && value !== '' && shareOfBad >= smallestShare
    return { value, good, valid, bad, shareOfBad, shareOfValid, excess: shareOfBad - shareOfValid, isTelling }
  })
  return parts.sort(
    (a, b) => Number(b.isTelling) - Number(a.isTelling) || b.excess - a.excess || (a.value < b.value ? -1 : 1),
  )
}
