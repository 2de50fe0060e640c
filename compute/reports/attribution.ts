import { formatDuration } from '../../lib/durations.ts'
import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { cutRange } from '../../store/queries/rollup-steps.ts'
import { allLayerSums } from '../../store/queries/slo-series.ts'
import { readVersionSums } from '../../store/queries/version-sums.ts'
import { type EventPart, type LayerCounts, rankLayers, rankParts } from '../alerts/burning-layers.ts'
import { burnRate, type Target, targetOf } from '../budget/budget.ts'
import type { Counts } from '../budget/status.ts'
import { verdictOf } from '../budget/verdict-of.ts'
import { floorToMinuteMs, periodsAt } from '../budget/windows.ts'
import { endOfMinuteMs } from './range.ts'
import type { AttributedPart, Attribution, AttributionParts, TimeRange } from './reports.ts'

/** More values of a layer than this are told as one sum. */
const mostValues = 50
/** Raw events are read for versions, so no more than a day's. */
const longestVersionsMs = 86_400_000

/** @param options.windowSeconds whole minutes; the SLO's own window without it, of a calendar window the elapsed part. */
export async function readAttribution(
  reader: Reader,
  slo: Slo,
  options: { readonly windowSeconds: number | undefined; readonly withVersions: boolean },
  nowMs: number,
): Promise<Attribution> {
  const { windowSeconds, withVersions } = options
  const seconds = windowSeconds ?? periodsAt(nowMs)(slo.window).lookBackSeconds
  const range = { fromMs: Math.max(0, floorToMinuteMs(nowMs) - seconds * 1000), toMs: endOfMinuteMs(nowMs) }
  const key = { slo: slo.name, revision: slo.revision }
  const counts = await allLayerSums(reader, key, cutRange(range.fromMs, range.toMs, 'day'))
  return {
    window: windowSeconds === undefined ? slo.window.text : formatDuration(windowSeconds),
    ...range,
    ...attribute(counts, slo),
    versions: withVersions ? await readVersions(reader, slo, range) : null,
  }
}

/** @param counts of every value of every layer, each of which tells all events apart. */
export function attribute(counts: readonly LayerCounts[], slo: Pick<Slo, 'objectiveText' | 'layers'>) {
  const { good, valid } = sumOf(counts.filter(({ layerColumn }) => layerColumn === counts[0]?.layerColumn))
  const target = targetOf(slo.objectiveText)
  const ranked = rankLayers(counts)
  const worst = ranked[0]?.parts[0]
  return {
    good,
    valid,
    burnRate: burnRate(target, { good, valid }),
    where: ranked[0] !== undefined && worst?.isTelling === true ? { layer: ranked[0].layer, value: worst.value } : null,
    layers: ranked
      .filter(({ layer }) => slo.layers.includes(layer))
      .map(({ layer, parts }) => ({ layer, ...bounded(parts.map(part => attributed(part, target, valid))) })),
  }
}

const sumOf = (parts: readonly Counts[]): Counts =>
  parts.reduce((sum, { good, valid }) => ({ good: sum.good + good, valid: sum.valid + valid }), { good: 0n, valid: 0n })

async function readVersions(reader: Reader, slo: Slo, range: TimeRange): Promise<Attribution['versions']> {
  const { indicator } = slo
  if (indicator.kind !== 'ratio') return null
  const within = { fromMs: Math.max(range.fromMs, range.toMs - longestVersionsMs), toMs: range.toMs }
  const rows = await readVersionSums(reader, verdictOf(slo, indicator), within)
  if (rows === null) return null
  const target = targetOf(slo.objectiveText)
  const { valid } = sumOf(rows)
  const named = rows.map(row => ({ ...row, value: JSON.stringify([row.service, row.version]) }))
  const sources = new Map(named.map(row => [row.value, row]))
  const parts = rankParts(named).map(part => {
    const { service = '', version = '' } = sources.get(part.value) ?? {}
    return { service, ...attributed({ ...part, value: version }, target, valid) }
  })
  return { ...within, ...bounded(parts) }
}

function attributed({ isTelling: _, ...part }: EventPart, target: Target, valid: bigint): AttributedPart {
  return { ...part, burnRate: burnRate(target, { good: valid - part.bad, valid }) }
}

function bounded<P extends AttributedPart>(parts: readonly P[]): AttributionParts<P> {
  const rest = parts.slice(mostValues)
  const { good, valid } = sumOf(rest)
  const others = rest.length === 0 ? null : { values: rest.length, good, valid, bad: valid - good }
  return { values: parts.slice(0, mostValues), others }
}
