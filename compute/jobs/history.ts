import type { Clock } from '../../lib/clock.ts'
import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Writer } from '../../store/client/store.ts'
import { rollupMinutes } from '../../store/queries/rollup-minutes.ts'
import { arrivedDays, arrivedMinutes } from '../../store/queries/rollup-progress.ts'
import { finalSettings, rollupSteps, totalMinutes } from '../../store/queries/rollup-steps.ts'
import type { VerdictShape } from '../../store/queries/verdict-shapes.ts'
import { knownRevisions, noHistory, specRevisionsTable } from '../../store/tables/spec-revisions.ts'
import { type MinuteRows, selectMinutes } from './minute-ranges.ts'
import type { VerdictPlan } from './verdict-plan.ts'

export interface HistoryOptions {
  readonly writer: Writer
  readonly clock: Clock
  readonly nextVersion: () => bigint
  /** Raw rows one step reads at most (a minute is never split). */
  readonly rowsAStep: number
  readonly rawRetentionSeconds: number
  /** Dirty minutes are computed for every revision by the roll-up: history leaves them out. */
  readonly isPending: (signal: string, minute: number) => boolean
  /** SLOs that this process works on, whether they are in force or not; all by default. */
  readonly isMine?: (slo: string) => boolean
}

export interface History {
  /** Writes down new revisions and takes the history of those that are no longer in force off the record. */
  register(plan: VerdictPlan): Promise<void>
  /** One bounded piece of the newest day that some revision lacks. `left` is how many revisions still lack days. */
  step(plan: VerdictPlan): Promise<{ readonly rows: number; readonly left: number }>
}

const daySeconds = 86_400

interface RevisionState {
  readonly slo: string
  readonly revision: string
  readonly service: string
  readonly document: string
  readonly specSetRevision: string
  readonly firstSeenAtMs: number
  readonly historyFrom: number
  readonly historyDone: boolean
}

interface DayWork {
  readonly plan: VerdictPlan
  readonly day: number
  readonly revisions: readonly RevisionState[]
  readonly minutes: number[]
  readonly pieces: { readonly signal: string; readonly minutes: readonly MinuteRows[]; readonly rows: number }[]
}

const key = (slo: string, revision: string) => `${slo}\0${revision}`

/**
 * Gives a new or changed SLO its whole past: from raw events, newest day first, in steps between which live minutes are
 * computed. A day counts as done when its minutes, hours and day are written, so that a restart goes on where it was.
 */
export function createHistory(options: HistoryOptions): History {
  const { writer, clock, nextVersion, isMine = () => true } = options
  const states = new Map<string, RevisionState>()
  let loaded = false
  let work: DayWork | undefined

  const save = async (changed: readonly RevisionState[]) => {
    for (const state of changed) states.set(key(state.slo, state.revision), state)
    const version = nextVersion()
    await writer.insert(
      specRevisionsTable,
      changed.map(state => ({
        Slo: state.slo,
        Revision: state.revision,
        Service: state.service,
        Document: state.document,
        SpecSetRevision: state.specSetRevision,
        FirstSeenAt: state.firstSeenAtMs,
        HistoryFrom: state.historyFrom,
        HistoryDone: state.historyDone ? 1 : 0,
        Version: version,
      })),
    )
  }

  const register = async (plan: VerdictPlan) => {
    if (!loaded) {
      for (const row of await writer.query(knownRevisions, {}))
        if (isMine(row.slo)) states.set(key(row.slo, row.revision), row)
      loaded = true
    }
    const inForce = new Set(plan.specs.slos.map(slo => key(slo.name, slo.revision)))
    const added = plan.specs.slos
      .filter(slo => !states.has(key(slo.name, slo.revision)))
      .map(slo => newState(slo, plan.specs.revision, clock.now()))
    // While a revision is not in force its minutes are not kept current: should it come back, it starts over.
    const retired = [...states.entries()]
      .filter(([name, state]) => !inForce.has(name) && state.historyFrom !== noHistory)
      .map(([, state]) => ({ ...state, historyFrom: noHistory, historyDone: false }))
    await save([...added, ...retired])
  }

  const lacking = (plan: VerdictPlan) =>
    plan.specs.slos.flatMap(slo => {
      // The past of what is counted elsewhere is asked for there.
      if (slo.indicator.kind !== 'ratio') return []
      const state = states.get(key(slo.name, slo.revision))
      return state === undefined || state.historyDone ? [] : [state]
    })

  const begin = async (plan: VerdictPlan): Promise<DayWork | undefined> => {
    const missing = lacking(plan)
    if (missing.length === 0) return undefined
    const oldest = Math.max(0, Math.floor(clock.now() / 1000) - options.rawRetentionSeconds)
    const days = await writer.query(arrivedDays, { signals: [...plan.signals], oldest })
    const next = days.find(({ day }) => missing.some(state => state.historyFrom > day))
    if (next === undefined) {
      await save(missing.map(state => ({ ...state, historyDone: true })))
      return undefined
    }
    const { day } = next
    const pieces: DayWork['pieces'] = []
    for (const signal of plan.signals) {
      const range = { signals: [signal], from: Math.max(day, oldest - (oldest % 60)), to: day + daySeconds }
      const arrived = await writer.query(arrivedMinutes, range)
      pieces.push(
        ...cut(
          signal,
          arrived.filter(({ minute }) => !options.isPending(signal, minute)),
          options.rowsAStep,
        ),
      )
    }
    const revisions = missing.filter(state => state.historyFrom > day)
    return {
      plan,
      day,
      revisions,
      pieces,
      minutes: [...new Set(pieces.flatMap(piece => piece.minutes.map(({ minute }) => minute)))],
    }
  }

  const finishDay = async ({ day, revisions, minutes }: DayWork) => {
    const only = { slos: revisions.map(({ slo }) => slo), revisions: revisions.map(({ revision }) => revision) }
    const end = Math.floor(clock.now() / 60_000) * 60 + 60
    const hours = [...new Set(minutes.map(minute => minute - (minute % 3600)))].filter(hour => hour + 3600 <= end)
    const statements = [
      ...(minutes.length === 0 ? [] : [totalMinutes(minutes, nextVersion(), only)]),
      ...(hours.length === 0 ? [] : rollupSteps('hour', hours, nextVersion(), only)),
      ...(hours.length === 0 || day + daySeconds > end ? [] : rollupSteps('day', [day], nextVersion(), only)),
    ]
    for (const { statement, params } of statements) await writer.execute(statement, params, { settings: finalSettings })
    await save(revisions.map(state => ({ ...state, historyFrom: day })))
  }

  const step = async (plan: VerdictPlan) => {
    if (work?.plan !== plan) work = await begin(plan)
    if (work === undefined) return { rows: 0, left: lacking(plan).length }
    const piece = work.pieces.shift()
    if (piece !== undefined) {
      const shapes = shapesOf(plan, piece.signal, work.revisions)
      for (const selection of selectMinutes(piece.minutes))
        for (const { statement, params } of rollupMinutes(shapes, selection, nextVersion()))
          await writer.execute(statement, params)
    }
    if (work.pieces.length === 0) {
      await finishDay(work)
      work = undefined
    }
    return { rows: piece?.rows ?? 0, left: lacking(plan).length }
  }

  return { register, step }
}

function newState(slo: Slo, specSetRevision: string, nowMs: number): RevisionState {
  return {
    slo: slo.name,
    revision: slo.revision,
    service: slo.service,
    document: JSON.stringify(slo, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
    specSetRevision,
    firstSeenAtMs: nowMs,
    historyFrom: noHistory,
    historyDone: false,
  }
}

function cut(
  signal: string,
  arrived: readonly { minute: number; rows: number }[],
  rowsAStep: number,
): DayWork['pieces'] {
  const pieces: { signal: string; minutes: MinuteRows[]; rows: number }[] = []
  for (const { minute, rows } of [...arrived].reverse()) {
    const last = pieces.at(-1)
    if (last !== undefined && last.rows + rows <= rowsAStep) {
      last.minutes.push({ minute, rows })
      last.rows += rows
    } else pieces.push({ signal, minutes: [{ minute, rows }], rows })
  }
  return pieces
}

function shapesOf(plan: VerdictPlan, signal: string, revisions: readonly RevisionState[]): readonly VerdictShape[] {
  const wanted = new Set(revisions.map(({ slo, revision }) => key(slo, revision)))
  return plan.shapes
    .filter(({ source }) => source.signal === signal)
    .map(shape => ({ ...shape, members: shape.members.filter(({ slo, revision }) => wanted.has(key(slo, revision))) }))
    .filter(({ members }) => members.length > 0)
}
