import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { readWindows } from '../../store/queries/read-windows.ts'
import { newestMinutes } from '../../store/queries/rollup-progress.ts'
import { allShards, holdsSlo } from '../../store/queries/shards.ts'
import { readSlices } from '../../store/queries/slice-sums.ts'
import { sliceGroups, withSlices } from '../budget/slicing.ts'
import { statusesFrom, windowsFor } from '../budget/statuses.ts'
import { createAlerting } from './alerting.ts'
import { createAlone } from './alone.ts'
import type { EvaluatorOptions, TickResult } from './evaluator-options.ts'
import { createHistory } from './history.ts'
import { createOutbox } from './outbox.ts'
import { createPulls } from './pull-counts.ts'
import { createRollup } from './rollup.ts'
import { type HeldShards, type ShardLease, specsOfShards } from './shard-lease.ts'
import { planVerdicts, type VerdictPlan } from './verdict-plan.ts'

/** The work on the SLOs of one term of the lease. It begins with what the store says and is thrown away with the term. */
export interface EvaluationTerm {
  readonly term: number
  /** Roll up, evaluate, alert, enqueue, a piece of history. @param deliver called once the episodes of this tick are told of. */
  tick(specs: SpecSet, deliver: () => void): Promise<Omit<TickResult, 'durationMs'>>
  /** Sends what is due. */
  deliver(): Promise<void>
  /** Lets go of questions to other databases; nothing of the term may run when the next one begins. */
  end(): Promise<void>
  /** Waits for answers of other databases that are on their way. */
  pulled(): Promise<void>
  openEpisodes(): number
  pendingNotifications(): number
}

const defaultRetentionSeconds = 35 * 86_400
const defaultRowsATick = 1_000_000

export async function beginTerm(
  options: EvaluatorOptions & { readonly lease: ShardLease; readonly nextVersion: () => bigint },
  shards: HeldShards,
): Promise<EvaluationTerm> {
  const { store, lease, clock, logger, meter, senders, nextVersion } = options
  const writer = store.compute
  const isMine = (slo: string) => {
    const now = lease.current()
    return now.term === shards.term && holdsSlo(now, slo)
  }
  const rawRetentionSeconds = options.rawRetentionSeconds ?? defaultRetentionSeconds
  const rowsATick = options.rowsATick ?? defaultRowsATick
  const rollup = createRollup({ writer, clock, nextVersion, rowsATick, rawRetentionSeconds, shards })
  const { isPending } = rollup
  const history = createHistory({
    writer,
    clock,
    nextVersion,
    rowsAStep: rowsATick,
    rawRetentionSeconds,
    isPending,
    isMine,
  })
  const alone = createAlone()
  const sources = options.sources ?? {}
  const pulls = createPulls({ writer, sources, clock, nextVersion, logger, meter, isMine, alone })
  const outbox = createOutbox({ writer, senders, clock, nextVersion, logger, meter, isMine })
  await outbox.load()
  const alerting = createAlerting({ writer, outbox, clock, nextVersion, logger, meter, isMine })
  await alerting.load(specsOfShards(options.specs(), shards))
  let planned: { readonly of: SpecSet; readonly plan: VerdictPlan } | undefined
  let evaluatedMinute = -1

  const planFor = async (specs: SpecSet): Promise<VerdictPlan> => {
    if (planned?.of === specs) return planned.plan
    const plan = planVerdicts(specsOfShards(specs, shards))
    if (plan.unsupported.length > 0)
      logger.warn({ slos: plan.unsupported }, 'SLOs on signals that cannot be evaluated yet stay without data')
    await history.register(plan)
    evaluatedMinute = -1
    planned = { of: specs, plan }
    return plan
  }

  /** Members of a composite may be in shards that others have. */
  const scopeOf = ({ slos }: SpecSet) =>
    slos.some(({ indicator }) => indicator.kind === 'composite') ? allShards : shards

  const evaluate = async (specs: SpecSet, changed: boolean) => {
    const nowMs = clock.now()
    const minute = Math.floor(nowMs / 60_000)
    // Windows slide by the minute; within one, numbers change only with the rows, and episodes only while one is open.
    if (!changed && minute === evaluatedMinute && alerting.open().length === 0)
      return { evaluated: 0, fired: 0, resolved: 0 }
    const reading = await readWindows(writer, windowsFor(specs.slos, nowMs), nowMs, scopeOf(specs))
    const groups = sliceGroups(specs.slos, nowMs)
    const slices = await readSlices(writer, groups)
    const statuses = statusesFrom(specs.slos, withSlices(reading, groups, slices), nowMs)
    const newest = await writer.query(newestMinutes, { until: minute * 60 + 60 })
    const lastDataMs = new Map(newest.map(({ signal, minute: at }) => [signal, Math.min(nowMs, (at + 60) * 1000)]))
    const { fired, resolved } = await alerting.step(specs, statuses, lastDataMs, nowMs)
    evaluatedMinute = minute
    return { evaluated: statuses.length, fired, resolved }
  }

  return {
    term: shards.term,
    tick: async (specs, deliver) => {
      const plan = await planFor(specs)
      const rolled = await alone(() => rollup.tick(plan))
      const evaluated = await evaluate(plan.specs, pulls.takeChanged() || rolled.minutes > 0)
      deliver()
      const { left } = await alone(() => history.step(plan))
      pulls.step(plan.specs)
      return { ...rolled, ...evaluated, historyLeft: left, shards: shards.held.length }
    },
    deliver: outbox.deliver,
    end: pulls.stop,
    pulled: pulls.settled,
    openEpisodes: () => alerting.open().length,
    pendingNotifications: outbox.pending,
  }
}
