import type { Clock } from '../../lib/clock.ts'
import { diffSlos, type SloChange } from '../../slo-specs/schema/diff-slos.ts'
import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { signalsOf } from '../budget/composite.ts'
import type { SloStatus } from '../budget/status.ts'
import { floorToMinuteMs } from '../budget/windows.ts'
import { planRatios, type RatioPlan } from './plan-ratios.ts'
import { createPastReader, type PastReader, type RawRange, type Watched } from './replay-data.ts'
import { type ReplayData, type ReplayedAlert, replaySlo, statusAt } from './replay-slo.ts'
import { windowEnds } from './window-ends.ts'

/** What one version of an SLO says of the past. */
export interface PlanSide {
  readonly objectiveText: string
  readonly today: SloStatus
  /** The status as it stood at the end of each of the last windows, newest first. */
  readonly ends: readonly SloStatus[]
  /** Oldest first. */
  readonly alerts: readonly ReplayedAlert[]
}

export interface SloPlan extends Pick<SloChange, 'name' | 'kind' | 'fields'> {
  readonly before: PlanSide | null
  readonly after: PlanSide | null
}

/** What a change of specs would have meant. */
export interface SpecPlan {
  readonly beforeRevision: string
  readonly afterRevision: string
  /** The alerts of this range were replayed; it begins with the first data. */
  readonly fromMs: number
  readonly toMs: number
  /** Without those that stay as they are. */
  readonly slos: readonly SloPlan[]
  readonly unchanged: number
  /** Those that a change touches. */
  readonly ratios: readonly RatioPlan[]
}

export interface PlanOptions {
  readonly reader: Reader
  readonly clock: Clock
  /** How long raw events are kept: what is counted of them covers nothing before. For ever when absent. */
  readonly rawRetentionSeconds?: number | undefined
}

/** Where raw events begin that are surely kept. */
export const rawFromMs = ({ clock, rawRetentionSeconds }: PlanOptions): number =>
  rawRetentionSeconds === undefined ? 0 : floorToMinuteMs(clock.now() - rawRetentionSeconds * 1000)

/** How much of the past alerts are replayed over. */
export interface ReplayRange extends Watched {
  readonly days: number
}

/** SLOs whose past is held in memory at once. */
const sloAtOnce = 16
/** Of the work on a group of SLOs, for showing how far it is. */
export const shareOfReading = 0.8
const dayMs = 86_400_000

/**
 * Replays the SLOs that a change touches over the history in the store, once as they are and once as they would be. Counts of the specs in
 * force come from the roll-ups, those of others from raw events; nothing is written.
 */
export async function planSpecs(
  options: PlanOptions,
  sets: { readonly before: SpecSet; readonly after: SpecSet },
  range: ReplayRange,
): Promise<SpecPlan> {
  const { reader, clock } = options
  const changes = diffSlos(sets.before, sets.after)
  const touched = changes.filter(({ kind }) => kind !== 'unchanged')
  const toMs = floorToMinuteMs(clock.now())
  const slos = touched.flatMap(({ before, after }) => [before, after].filter(slo => slo !== undefined))
  const { past, fromMs } = await openPast(reader, slos, {
    ...{ fromMs: floorToMinuteMs(toMs - range.days * dayMs), toMs, rawFromMs: rawFromMs(options) },
  })
  const planned: SloPlan[] = []
  for (let index = 0; index < touched.length; index += sloAtOnce) {
    const group = touched.slice(index, index + sloAtOnce)
    const progress = (share: number) => range.progress?.((index + share * group.length) / touched.length)
    planned.push(...(await planGroup(past, group, { fromMs, toMs, signal: range.signal, progress })))
  }
  return {
    beforeRevision: sets.before.revision,
    afterRevision: sets.after.revision,
    fromMs,
    toMs,
    slos: planned,
    unchanged: changes.length - touched.length,
    ratios: await planRatios({ reader, clock }, sets, range.signal),
  }
}

/** How far back anything of an SLO looks; the ends of the last windows look back as far again. */
export function reachSeconds({ window, alerts }: Slo): number {
  const lookBacks = alerts.flatMap(({ conditions }) => conditions.map(each => each.longWindowSeconds))
  // A calendar period may be a day or two longer than its nominal length.
  return Math.max(window.seconds + (window.calendar === undefined ? 0 : 3 * 86_400), 86_400, ...lookBacks)
}

/**
 * The past of SLOs, from as far back as any of them looks from the beginning of the range. `firstMs` is when its first data arrived (the
 * end without any), `fromMs` the beginning of the range or the first data where that came later.
 */
export async function openPast(
  reader: Reader,
  slos: readonly Slo[],
  { fromMs, toMs, rawFromMs }: RawRange,
): Promise<{ readonly past: PastReader; readonly fromMs: number; readonly firstMs: number }> {
  const longestSeconds = Math.max(0, ...slos.map(reachSeconds))
  const past = createPastReader(reader, { fromMs: Math.max(0, fromMs - longestSeconds * 1000), toMs, rawFromMs })
  const firstMs = await firstData(past, slos, toMs)
  return { past, fromMs: Math.max(fromMs, firstMs), firstMs }
}

async function firstData(past: PastReader, slos: readonly Slo[], toMs: number): Promise<number> {
  const signals = [...new Set(slos.flatMap(signalsOf))]
  const first = await Promise.all(signals.map(signal => past.firstDataMs(signal)))
  return Math.min(toMs, ...first.filter(ms => ms !== null))
}

async function planGroup(
  past: PastReader,
  group: readonly SloChange[],
  range: { readonly fromMs: number; readonly toMs: number } & Watched,
): Promise<SloPlan[]> {
  const wanted = group.flatMap(({ before, after }) => [
    ...(before === undefined ? [] : [{ slo: before, isStored: true }]),
    // A change of objective, window or alerts counts the same events: what is stored serves both.
    ...(after === undefined ? [] : [{ slo: after, isStored: after.revision === before?.revision, before }]),
  ])
  const { signal } = range
  // Reading is most of it where raw events are counted.
  const read = await past.read(wanted, { signal, progress: share => range.progress?.(share * shareOfReading) })
  const dataOf = new Map(wanted.map(({ slo }, index) => [slo, read[index]]))
  const planned: SloPlan[] = []
  for (const { name, kind, fields, before, after } of group) {
    range.progress?.(shareOfReading + ((1 - shareOfReading) * planned.length) / group.length)
    const side = async (slo: Slo | undefined) => {
      const data = slo && dataOf.get(slo)
      return slo === undefined || data === undefined ? null : planSide(slo, data, range)
    }
    const was = await side(before)
    const onlyWords = kind === 'changed' && fields.every(({ touches }) => touches === 'words')
    planned.push({ name, kind, fields, before: was, after: onlyWords ? was : await side(after) })
  }
  return planned
}

/** What one version of an SLO says of the past that was read for it. */
export async function planSide(
  slo: Slo,
  data: ReplayData,
  { fromMs, toMs, signal }: { readonly fromMs: number; readonly toMs: number } & Pick<Watched, 'signal'>,
): Promise<PlanSide> {
  return {
    objectiveText: slo.objectiveText,
    today: statusAt(slo, data, toMs),
    ends: windowEnds(slo.window, { fromMs, toMs }).map(({ atMs, periodOf }) => statusAt(slo, data, atMs, periodOf)),
    alerts: await replaySlo(slo, data, { fromMs, toMs }, signal),
  }
}
