import { type LayerName, layerColumns, layerNames } from '../../slo-specs/schema/layers.ts'
import type { BurningLayer } from '../alerts/episode.ts'

export interface LayerCounts {
  readonly layerColumn: string
  readonly value: string
  readonly good: bigint
  readonly valid: bigint
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
  return layerNames
    .map(layer => rankLayer(layer, merge(counts.filter(({ layerColumn }) => layerColumn === layerColumns[layer]))))
    .filter(({ layers }) => layers.length > 0)
    .sort((a, b) => b.lift - a.lift)
    .flatMap(({ layers }) => layers)
}

/** A value may come once a resolution. */
function merge(counts: readonly LayerCounts[]): LayerCounts[] {
  const values = new Map<string, LayerCounts>()
  for (const count of counts) {
    const known = values.get(count.value)
    const good = count.good + (known?.good ?? 0n)
    const valid = count.valid + (known?.valid ?? 0n)
    values.set(count.value, { ...count, good, valid })
  }
  return [...values.values()]
}

function rankLayer(layer: LayerName, counts: readonly LayerCounts[]) {
  const allBad = counts.reduce((sum, { good, valid }) => sum + valid - good, 0n)
  const allValid = counts.reduce((sum, { valid }) => sum + valid, 0n)
  if (counts.length < 2 || allBad <= 0n) return { lift: 0, layers: [] }
  const ranked = counts
    .map(({ value, good, valid }) => {
      const shareOfBad = Number(valid - good) / Number(allBad)
      return { layer, value, bad: valid - good, valid, shareOfBad, lift: shareOfBad - Number(valid) / Number(allValid) }
    })
    .sort((a, b) => b.lift - a.lift)
    .filter(({ shareOfBad }) => shareOfBad >= smallestShare)
    .slice(0, valuesALayer)
  const layers = ranked.map(({ lift: _, ...burning }) => burning)
  return { lift: ranked[0]?.lift ?? 0, layers }
}
