import type { Clock } from '../../lib/clock.ts'
import type { Writer } from '../../store/client/store.ts'
import { ratioSteps } from '../../store/queries/ratio-steps.ts'
import { arrivedDays, arrivedMinutes } from '../../store/queries/rollup-progress.ts'
import { finalSettings, rollupSteps, totalMinutes } from '../../store/queries/rollup-steps.ts'
import { knownRevisions, ratioRevisionsTable, specRevisionsTable } from '../../store/tables/spec-revisions.ts'
import { type MinuteRows, selectMinutes } from './minute-ranges.ts'
import { finished, isRetired, lacksDay, newState, type RevisionState, restarted, retired } from './revision-state.ts'
import { type Asked, askedOf, minuteStatements, type VerdictPlan } from './verdict-plan.ts'

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

interface DayWork {
  readonly plan: VerdictPlan
  readonly day: number
  /** Where counting begins: later than the day where raw events of its beginning are no longer kept. */
  readonly from: number
  readonly revisions: readonly RevisionState[]
  readonly minutes: number[]
  readonly pieces: { readonly signal: string; readonly minutes: readonly MinuteRows[]; readonly rows: number }[]
}

const key = (name: string, revision: string) => `${name}\0${revision}`

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
    if (changed.length === 0) return
    for (const state of changed) states.set(key(state.name, state.revision), state)
    const version = nextVersion()
    const row = (state: RevisionState) => ({
      Revision: state.revision,
      Document: state.document,
      SpecSetRevision: state.specSetRevision,
      FirstSeenAt: state.firstSeenAtMs,
      HistoryFrom: state.historyFrom,
      HistoryDone: state.historyDone ? 1 : 0,
      Version: version,
    })
    const of = (kind: RevisionState['kind']) => changed.filter(state => state.kind === kind)
    const slos = of('slo').map(state => ({ ...row(state), Slo: state.name, Service: state.service }))
    const ratios = of('ratio').map(state => ({ ...row(state), Ratio: state.name }))
    await writer.insert(specRevisionsTable, slos)
    if (ratios.length > 0) await writer.insert(ratioRevisionsTable, ratios)
  }

  const register = async (plan: VerdictPlan) => {
    if (!loaded) {
      for (const row of await writer.query(knownRevisions, {}))
        if (isMine(row.name)) states.set(key(row.name, row.revision), row)
      loaded = true
    }
    const { slos, ratios, revision } = plan.specs
    const inForce = new Set([...slos, ...ratios].map(each => key(each.name, each.revision)))
    const added = [...slos, ...ratios]
      .filter(each => !states.has(key(each.name, each.revision)))
      .map(each => newState(each, revision, clock.now()))
    const entries = [...states.entries()]
    const gone = entries.filter(([name, state]) => !inForce.has(name) && !isRetired(state))
    const back = entries.filter(([name, state]) => inForce.has(name) && isRetired(state))
    // Whoever asks which revision of a name is in force takes the one that was written last.
    await save(gone.map(([, state]) => retired(state)))
    await save([...added, ...back.map(([, state]) => restarted(state))])
  }

  const lacking = (plan: VerdictPlan) =>
    // The past of what is counted elsewhere is asked for there.
    [...plan.specs.slos.filter(({ indicator }) => indicator.kind === 'ratio'), ...plan.specs.ratios].flatMap(each => {
      const state = states.get(key(each.name, each.revision))
      return state === undefined || state.historyDone ? [] : [state]
    })

  const begin = async (plan: VerdictPlan): Promise<DayWork | undefined> => {
    const missing = lacking(plan)
    if (missing.length === 0) return undefined
    const oldest = Math.max(0, Math.floor(clock.now() / 1000) - options.rawRetentionSeconds)
    const days = await writer.query(arrivedDays, { signals: [...plan.signals], oldest })
    const next = days.find(({ day }) => missing.some(state => lacksDay(state, day)))
    if (next === undefined) {
      await save(missing.map(finished))
      return undefined
    }
    const { day } = next
    const from = Math.max(day, oldest - (oldest % 60))
    const pieces: DayWork['pieces'] = []
    for (const signal of plan.signals) {
      const range = { signals: [signal], from, to: day + daySeconds }
      const arrived = await writer.query(arrivedMinutes, range)
      pieces.push(
        ...cut(
          signal,
          arrived.filter(({ minute }) => !options.isPending(signal, minute)),
          options.rowsAStep,
        ),
      )
    }
    const revisions = missing.filter(state => lacksDay(state, day))
    return {
      plan,
      day,
      from,
      revisions,
      pieces,
      minutes: [...new Set(pieces.flatMap(piece => piece.minutes.map(({ minute }) => minute)))],
    }
  }

  const finishDay = async ({ plan, day, from, revisions, minutes }: DayWork) => {
    const only = { slos: revisions.map(({ name }) => name), revisions: revisions.map(({ revision }) => revision) }
    const end = Math.floor(clock.now() / 60_000) * 60 + 60
    const hours = [...new Set(minutes.map(minute => minute - (minute % 3600)))].filter(hour => hour + 3600 <= end)
    const days = hours.length === 0 || day + daySeconds > end ? [] : [day]
    const stepsOf = (step: 'hour' | 'day', starts: readonly number[]) => {
      if (starts.length === 0) return []
      const ofRatios = plan.sides.length === 0 ? [] : [ratioSteps(step, starts, nextVersion(), only)]
      return [...rollupSteps(step, starts, nextVersion(), only), ...ofRatios]
    }
    const statements = [
      ...(minutes.length === 0 ? [] : [totalMinutes(minutes, nextVersion(), only)]),
      ...stepsOf('hour', hours),
      ...stepsOf('day', days),
    ]
    for (const { statement, params } of statements) await writer.execute(statement, params, { settings: finalSettings })
    await save(revisions.map(state => ({ ...state, historyFrom: from })))
  }

  const step = async (plan: VerdictPlan) => {
    if (work?.plan !== plan) work = await begin(plan)
    if (work === undefined) return { rows: 0, left: lacking(plan).length }
    const piece = work.pieces.shift()
    if (piece !== undefined) {
      const asked = askedFor(plan, piece.signal, work.revisions)
      for (const selection of selectMinutes(piece.minutes)) {
        const version = nextVersion()
        for (const { statement, params } of minuteStatements(asked, selection, version))
          await writer.execute(statement, params)
      }
    }
    if (work.pieces.length === 0) {
      await finishDay(work)
      work = undefined
    }
    return { rows: piece?.rows ?? 0, left: lacking(plan).length }
  }

  return { register, step }
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

/** What is asked of the events of a signal for some revisions. */
function askedFor(plan: VerdictPlan, signal: string, revisions: readonly RevisionState[]): Asked {
  const wanted = new Set(revisions.map(({ name, revision }) => key(name, revision)))
  const { shapes, sides } = askedOf(plan, signal)
  return {
    shapes: withMembers(shapes, ({ slo, revision }) => wanted.has(key(slo, revision))),
    sides: withMembers(sides, ({ ratio, revision }) => wanted.has(key(ratio, revision))),
  }
}

function withMembers<M, S extends { readonly members: readonly M[] }>(
  shapes: readonly S[],
  isWanted: (member: S['members'][number]) => boolean,
): S[] {
  return shapes
    .map(shape => ({ ...shape, members: shape.members.filter(isWanted) }))
    .filter(({ members }) => members.length > 0)
}
