import type { Meter } from '@opentelemetry/api'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import type { Writer } from '../../store/client/store.ts'
import { alertsTable, openEpisodes } from '../../store/tables/alerts.ts'
import type { AlertEpisode, AlertSeverity } from '../alerts/episode.ts'
import { advanceSlo, type SloEpisodes } from '../alerts/slo-alerts.ts'
import { signalsOf } from '../budget/composite.ts'
import type { SloStatus } from '../budget/status.ts'
import { withCause } from './episode-cause.ts'
import { changedEpisodes, episodeRow, noticeOf, openOnly, targetsOf } from './episode-records.ts'
import type { Outbox } from './outbox.ts'

export interface AlertingOptions {
  readonly writer: Writer
  readonly outbox: Outbox
  readonly clock: Clock
  readonly nextVersion: () => bigint
  readonly logger: Logger
  readonly meter: Meter
  /** Whether the SLO is this process's business, now; always by default. Also of SLOs that are gone from the specs. */
  readonly isMine?: (slo: string) => boolean
}

export interface Alerting {
  /** Takes up the episodes of an earlier run and says what it did not come to say. */
  load(specs: SpecSet): Promise<void>
  /** One step of the alerts of all SLOs. @param lastDataMs newest event of each signal. */
  step(
    specs: SpecSet,
    statuses: readonly SloStatus[],
    lastDataMs: ReadonlyMap<string, number>,
    nowMs: number,
  ): Promise<{ readonly fired: number; readonly resolved: number }>
  /** Episodes pending or firing. */
  open(): readonly AlertEpisode[]
}

/** Episodes resolved within this time before a restart are looked at once more, should their resolve not have been said. */
const resolvedLookBackMs = 7 * 86_400_000

/**
 * Runs the alert state machine over statuses and keeps episodes in the store. An episode is stored before it is told of, and what
 * was told is recognised by the episode's key: a crash between the two is made good at the next start, and nothing is told twice.
 */
export function createAlerting(options: AlertingOptions): Alerting {
  const { writer, outbox, logger, nextVersion, isMine = () => true } = options
  const episodes = new Map<string, SloEpisodes>()
  const transitionsTotal = options.meter.createCounter('ninefold_alert_transitions_total', {
    description: 'Transitions of alert episodes, by severity.',
  })

  const save = async (changed: readonly AlertEpisode[]) => {
    const version = nextVersion()
    await writer.insert(
      alertsTable,
      changed.filter(({ slo }) => isMine(slo)).map(episode => episodeRow(episode, version)),
    )
  }

  const trigger = async (specs: SpecSet, slo: Slo, episode: AlertEpisode, status: SloStatus | undefined) => {
    for (const target of targetsOf(specs, slo, episode.severity))
      await outbox.enqueue({ ...noticeOf(slo, episode, status, options.clock.now()), action: 'trigger' }, target)
  }
  const resolve = async (slo: Slo | undefined, episode: AlertEpisode, status?: SloStatus) => {
    if (slo?.alerts.find(({ severity }) => severity === episode.severity)?.tellsResolved === false) return
    await outbox.enqueueResolve({ ...noticeOf(slo, episode, status, options.clock.now()), action: 'resolve' })
  }

  /** Two open at once: a process that lost the SLO wrote one down while the next began its own. The later one goes on. */
  const closeOlder = async (older: AlertEpisode | undefined, newer: AlertEpisode) => {
    if (older === undefined) return
    logger.warn({ slo: older.slo, dedupKey: older.dedupKey }, 'an episode that nobody goes on with is closed')
    const wasTold = older.state === 'firing' && older.dedupKey !== newer.dedupKey
    const over = { ...older, state: wasTold ? 'resolved' : 'inactive', resolvedAtMs: options.clock.now() } as const
    await save([over])
    if (wasTold) await resolve(undefined, over)
  }

  const load = async (specs: SpecSet) => {
    const resolvedSinceMs = Math.max(0, options.clock.now() - resolvedLookBackMs)
    for (const episode of await writer.query(openEpisodes, { resolvedSinceMs })) {
      if (!isMine(episode.slo)) continue
      const slo = specs.slos.find(({ name }) => name === episode.slo)
      if (episode.state === 'resolved') {
        await resolve(slo, episode)
        continue
      }
      await closeOlder(episodes.get(episode.slo)?.[episode.severity], episode)
      episodes.set(episode.slo, { ...episodes.get(episode.slo), [episode.severity]: episode })
      if (slo !== undefined && episode.state === 'firing' && !episode.inhibited)
        await trigger(specs, slo, episode, undefined)
    }
  }

  const stepSlo = async (specs: SpecSet, slo: Slo, status: SloStatus, lastMs: number | null, nowMs: number) => {
    const before = episodes.get(slo.name) ?? {}
    const { episodes: stepped, changes, notices } = advanceSlo(before, slo, status, lastMs, nowMs)
    const after: Partial<Record<AlertSeverity, AlertEpisode>> = { ...stepped }
    for (const { episode, transitions } of changes) {
      for (const transition of transitions) transitionsTotal.add(1, { transition, severity: episode.severity })
      if (transitions.includes('fired')) after[episode.severity] = await withCause(writer, slo, episode, nowMs)
    }
    const cancelled = changes.map(({ episode }) => episode).filter(({ state }) => state === 'inactive')
    await save([...cancelled, ...changedEpisodes(before, after)])
    episodes.set(slo.name, openOnly(after))
    for (const notice of notices) {
      const episode = after[notice.episode.severity] ?? notice.episode
      const fields = { slo: slo.name, severity: episode.severity, dedupKey: episode.dedupKey }
      logger.info(fields, notice.action === 'trigger' ? 'alert fires' : 'alert resolved')
      if (notice.action === 'trigger') await trigger(specs, slo, episode, status)
      else await resolve(slo, episode, status)
    }
    return notices
  }

  /** SLOs that are gone from the specs: nobody evaluates them any more, so what is open is over. */
  const dropRemoved = async (specs: SpecSet, nowMs: number) => {
    const names = new Set(specs.slos.map(({ name }) => name))
    for (const [name, open] of episodes) {
      if (names.has(name)) continue
      for (const episode of Object.values(open)) {
        const over = {
          ...episode,
          state: episode.state === 'firing' ? 'resolved' : 'inactive',
          resolvedAtMs: nowMs,
        } as const
        await save([over])
        if (over.state === 'resolved') await resolve(undefined, over)
      }
      episodes.delete(name)
    }
  }

  const step: Alerting['step'] = async (specs, statuses, lastDataMs, nowMs) => {
    const byName = new Map(statuses.map(status => [status.name, status]))
    let fired = 0
    let resolved = 0
    for (const slo of specs.slos) {
      const status = byName.get(slo.name)
      if (status === undefined || !isMine(slo.name)) continue
      const lastMs = newest(signalsOf(slo).map(signal => lastDataMs.get(signal) ?? null))
      for (const { action } of await stepSlo(specs, slo, status, lastMs, nowMs)) {
        if (action === 'trigger') fired++
        else resolved++
      }
    }
    await dropRemoved(specs, nowMs)
    return { fired, resolved }
  }

  return { load, step, open: () => [...episodes.values()].flatMap(open => Object.values(open)) }
}

/** Of several signals the one that was heard of last; null when none ever was. */
function newest(times: readonly (number | null)[]): number | null {
  const known = times.filter(ms => ms !== null)
  return known.length === 0 ? null : Math.max(...known)
}
