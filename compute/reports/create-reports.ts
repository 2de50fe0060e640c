import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { readTotals, readWindows } from '../../store/queries/read-windows.ts'
import { coarsestWithin, cutRange, stepSeconds as stepSecondsOf } from '../../store/queries/rollup-steps.ts'
import { firstSeenVersions } from '../../store/queries/service-versions.ts'
import { allShards } from '../../store/queries/shards.ts'
import { readSlices } from '../../store/queries/slice-sums.ts'
import { listEpisodes } from '../../store/tables/alerts.ts'
import { listNotifications } from '../../store/tables/notifications.ts'
import { sliceGroups, withSlices } from '../budget/slicing.ts'
import type { SloStatus } from '../budget/status.ts'
import { statusesFrom, windowsFor } from '../budget/statuses.ts'
import { floorToMinuteMs, neededWindows, periodsAt } from '../budget/windows.ts'
import { readAttribution } from './attribution.ts'
import { createBoundsReader } from './good-bounds.ts'
import { readHistory } from './history.ts'
import { readKnownParts } from './known-parts.ts'
import { readLayerHistory, readLayers } from './layers.ts'
import { readPeriodReport } from './period-data.ts'
import { endOfMinuteMs, minuteRange } from './range.ts'
import type { EpisodeFilter, Reports, TimeRange } from './reports.ts'

export interface ReportsOptions {
  readonly reader: Reader
  /** The specs in force. */
  readonly specs: () => SpecSet
  readonly clock: Clock
}

/** The end of the engine's time, for ranges without an end. */
const foreverMs = 4_294_967_295_000

/**
 * Everything that is shown, read from the roll-ups. SLOs are named as in the specs in force; of an unknown one, `status` is
 * undefined and lists are empty.
 */
export function createReports(options: ReportsOptions): Reports {
  const { reader, specs, clock } = options
  const boundsOf = createBoundsReader(reader)
  const find = (name: string) => specs().slos.find(slo => slo.name === name)

  const statusesOf = async (slos: readonly Slo[], only?: string): Promise<SloStatus[]> => {
    const nowMs = clock.now()
    const isWhole = slos.every(({ indicator }) => indicator.kind !== 'composite')
    const scope = only === undefined || !isWhole ? allShards : { slo: only }
    const reading = await readWindows(reader, windowsFor(slos, nowMs), nowMs, scope)
    const periodOf = periodsAt(nowMs)
    const { known, keptFromMs } = await readKnownParts(reader, slos, slo => periodOf(slo.window), nowMs)
    const groups = sliceGroups(slos, nowMs, slo => neededWindows(slo, periodOf), keptFromMs)
    const counted = withSlices(reading, groups, await readSlices(reader, groups))
    return statusesFrom(slos, { ...counted, known }, nowMs)
  }

  const episodes = ({ slo, severity, state, range, limit }: EpisodeFilter) => {
    const { fromMs, toMs } = range ?? { fromMs: 0, toMs: foreverMs }
    const wanted = { slo: slo ?? '', severity: severity ?? '', state: state ?? '' } as const
    return reader.query(listEpisodes, { ...wanted, fromMs, toMs, limit })
  }

  const totals = async (sinceMs: number) => {
    const fromMs = Math.max(0, Math.floor(sinceMs / 60_000) * 60_000)
    const rows = await readTotals(reader, cutRange(fromMs, endOfMinuteMs(clock.now()), 'day'))
    const byRevision = new Map(rows.map(row => [`${row.slo}\0${row.revision}`, row]))
    const counted = specs().slos.filter(({ indicator }) => indicator.kind !== 'composite')
    return new Map(
      counted.map(({ name, revision }) => {
        const { good, valid } = byRevision.get(`${name}\0${revision}`) ?? { good: 0n, valid: 0n }
        return [name, { good, valid }] as const
      }),
    )
  }

  return {
    specs,
    listStatuses: async () => (await statusesOf(specs().slos)).sort(worstFirst),
    status: async name => {
      const slo = find(name)
      return slo === undefined ? undefined : (await statusesOf([slo], name))[0]
    },
    bounds: async name => {
      const slo = find(name)
      return slo === undefined ? null : boundsOf(slo, clock.now())
    },
    known: async (name, range, stepSeconds = stepSecondsOf.day) => {
      const slo = find(name)
      if (slo === undefined) return undefined
      const { fromMs, toMs } = minuteRange(range, clock.now())
      const atMs = Math.max(fromMs, Math.min(toMs, clock.now()))
      const lookBackSeconds = (floorToMinuteMs(atMs) - fromMs) / 1000
      const coarsest = coarsestWithin(stepSeconds)
      const piecesOf = (within: TimeRange) => cutRange(within.fromMs, within.toMs, coarsest)
      const { coverage, data } = (
        await readKnownParts(reader, [slo], () => ({ lookBackSeconds }), atMs, { piecesOf })
      ).known(slo)
      return { coverage, data }
    },
    history: async (name, range) => {
      const slo = find(name)
      return slo === undefined ? [] : readHistory(reader, slo, range, clock.now())
    },
    layers: async (name, by, range) => {
      const slo = find(name)
      return slo === undefined ? [] : readLayers(reader, slo, by, range, clock.now())
    },
    attribution: async (name, windowSeconds, withVersions = true) => {
      const slo = find(name)
      if (slo === undefined) return undefined
      if (slo.indicator.kind !== 'composite')
        return readAttribution(reader, slo, { windowSeconds, withVersions }, clock.now())
      const members = slo.indicator.members.map(member => member.slo.name).join(', ')
      throw new NinefoldError('API_BAD_REQUEST', `${name} has no layers, its members have: ${members}`)
    },
    layerHistory: async (name, by, range) => {
      const slo = find(name)
      return slo === undefined ? [] : readLayerHistory(reader, slo, by, range, clock.now())
    },
    totals,
    period: async period => {
      const nowMs = clock.now()
      if (period.fromMs > nowMs) throw new NinefoldError('API_BAD_REQUEST', `${period.text} has not begun yet`)
      return readPeriodReport({ reader, specs: specs(), episodes, nowMs }, period)
    },
    episodes,
    deployments: async (service, { fromMs, toMs }) => {
      const rows = await reader.query(firstSeenVersions, { services: [service], fromMs, toMs })
      return rows.map(({ version, firstSeenMs }) => ({ service, version, firstSeenMs }))
    },
    notifications: async ({ slo = '', limit }) =>
      (await reader.query(listNotifications, { slo, limit })).map(
        ({ targetKind: _kind, nextAttemptAtMs: _next, ...record }) => record,
      ),
  }
}

/** Least budget left first; those without data, which say nothing, last. */
function worstFirst(a: SloStatus, b: SloStatus): number {
  if ((a.status === 'no-data') !== (b.status === 'no-data')) return a.status === 'no-data' ? 1 : -1
  const order = a.errorBudget.remainingRatio - b.errorBudget.remainingRatio
  return order !== 0 ? order : a.name < b.name ? -1 : 1
}
