import type { Meter } from '@opentelemetry/api'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { NotificationTarget } from '../../slo-specs/schema/model.ts'
import type { Writer } from '../../store/client/store.ts'
import { notificationsTable, outboxNotifications } from '../../store/tables/notifications.ts'
import type { AlertEpisode } from '../alerts/episode.ts'
import type { Notice, NotificationSender } from '../alerts/notice.ts'

export interface OutboxOptions {
  readonly writer: Writer
  readonly senders: readonly NotificationSender[]
  readonly clock: Clock
  readonly nextVersion: () => bigint
  readonly logger: Logger
  readonly meter: Meter
  /** Whether this process may speak of the SLO, now; always by default. */
  readonly isMine?: (slo: string) => boolean
}

export interface Outbox {
  /** Reads what an earlier run left. Before anything else. */
  load(): Promise<void>
  /**
   * Writes down what is to be said to a target, before it is sent; saying the same again changes nothing. A trigger that was not
   * delivered yet is superseded by its resolve, so nobody is told the end of what they never heard of.
   */
  enqueue(notice: Notice & { readonly action: 'trigger' }, target: NotificationTarget): Promise<void>
  /** The end of an episode, to every target that may have heard of its beginning, whatever the specs say by now. */
  enqueueResolve(notice: Notice & { readonly action: 'resolve' }): Promise<void>
  /** Sends what is due, one after another; a call while another runs returns at once. */
  deliver(): Promise<void>
  pending(): number
}

interface Entry {
  readonly id: string
  readonly slo: string
  readonly severity: AlertEpisode['severity']
  readonly target: string
  readonly targetKind: string
  readonly action: Notice['action']
  readonly dedupKey: string
  readonly state: 'pending' | 'sent' | 'rejected' | 'superseded'
  readonly attempts: number
  readonly createdAtMs: number
  readonly nextAttemptAtMs: number
  readonly sentAtMs: number | null
  readonly lastError: string
  readonly body: string
}

/** How far back what was said is remembered, to recognise it when an episode is taken up after a restart. */
const memoryMs = 40 * 86_400_000

/** One name for one thing said to one target: repeating it after a crash is recognised. */
const idOf = (dedupKey: string, target: string, action: Notice['action']) => `${dedupKey}/${target}/${action}`

export function createOutbox(options: OutboxOptions): Outbox {
  const { writer, clock, logger, nextVersion, isMine = () => true } = options
  const entries = new Map<string, Entry>()
  const outcomes = options.meter.createCounter('ninefold_notifications_total', {
    description: 'Attempts to deliver a notification, by outcome (sent, retry, rejected, superseded).',
  })
  let delivering = false

  const save = async (entry: Entry) => {
    await writer.insert(notificationsTable, [
      {
        Id: entry.id,
        Slo: entry.slo,
        Severity: entry.severity,
        Target: entry.target,
        TargetKind: entry.targetKind,
        Action: entry.action,
        DedupKey: entry.dedupKey,
        State: entry.state,
        Attempts: entry.attempts,
        CreatedAt: entry.createdAtMs,
        NextAttemptAt: entry.nextAttemptAtMs,
        SentAt: entry.sentAtMs,
        LastError: entry.lastError,
        Body: entry.body,
        Version: nextVersion(),
      },
    ])
    entries.set(entry.id, entry)
  }

  const load = async () => {
    const rows = await writer.query(outboxNotifications, { sinceMs: Math.max(0, clock.now() - memoryMs) })
    for (const row of rows) if (isMine(row.slo)) entries.set(row.id, row)
  }

  /** @returns true when the target may have heard of the beginning, so that it must hear of the end. */
  const supersedeTrigger = async (dedupKey: string, target: string): Promise<boolean> => {
    const trigger = entries.get(idOf(dedupKey, target, 'trigger'))
    if (trigger === undefined || trigger.state === 'superseded' || trigger.state === 'rejected') return false
    if (trigger.state === 'sent') return true
    await save({ ...trigger, state: 'superseded' })
    outcomes.add(1, { outcome: 'superseded' })
    // An attempt whose answer was lost may have been heard.
    return trigger.attempts > 0
  }

  const add = async (notice: Notice, target: Pick<NotificationTarget, 'name' | 'kind'>) => {
    const { action, episode } = notice
    const sender = options.senders.find(({ kind }) => kind === target.kind)
    await save({
      id: idOf(episode.dedupKey, target.name, action),
      slo: episode.slo,
      severity: episode.severity,
      target: target.name,
      targetKind: target.kind,
      action,
      dedupKey: episode.dedupKey,
      state: sender === undefined ? 'rejected' : 'pending',
      attempts: 0,
      createdAtMs: notice.createdAtMs,
      nextAttemptAtMs: notice.createdAtMs,
      sentAtMs: null,
      lastError: sender === undefined ? `no way of sending to a target of kind ${target.kind} is configured` : '',
      body: sender?.compose(notice) ?? '',
    })
    if (sender === undefined) logger.error({ target: target.name, kind: target.kind }, 'no sender for this target')
  }

  const enqueue: Outbox['enqueue'] = async (notice, target) => {
    if (!isMine(notice.episode.slo) || entries.has(idOf(notice.episode.dedupKey, target.name, 'trigger'))) return
    await add(notice, target)
  }

  const enqueueResolve: Outbox['enqueueResolve'] = async notice => {
    const { slo, dedupKey } = notice.episode
    if (!isMine(slo)) return
    const triggers = [...entries.values()].filter(entry => entry.dedupKey === dedupKey && entry.action === 'trigger')
    for (const { target, targetKind } of triggers) {
      if (entries.has(idOf(dedupKey, target, 'resolve'))) continue
      if (await supersedeTrigger(dedupKey, target)) await add(notice, { name: target, kind: targetKind })
    }
  }

  const attempt = async (entry: Entry) => {
    const sender = options.senders.find(({ kind }) => kind === entry.targetKind)
    if (sender === undefined || !isMine(entry.slo)) return
    const attempts = entry.attempts + 1
    // Counted before it is made: an attempt that a crash cuts off may have been heard.
    await save({ ...entry, attempts })
    // The row is in the store, so whoever has the SLO next knows of it and says the same under the same key; but who has it no longer is silent.
    if (!isMine(entry.slo)) return
    const delivery = await sender.send(entry.body, attempts, entry.target)
    outcomes.add(1, { outcome: delivery.outcome })
    const current = entries.get(entry.id)
    // Superseded while it was under way: the resolve follows it.
    if (current?.state !== 'pending') return
    const now = clock.now()
    const fields = { notification: entry.id, attempts }
    if (delivery.outcome === 'sent') {
      await save({ ...current, state: 'sent', sentAtMs: now, lastError: '' })
      logger.info(fields, 'notification sent')
      return
    }
    const told = { ...fields, code: delivery.code, reason: delivery.reason }
    const lastError = `${delivery.code}: ${delivery.reason}`
    if (delivery.outcome === 'rejected') {
      await save({ ...current, state: 'rejected', lastError })
      logger.error(told, 'notification rejected')
    } else {
      await save({ ...current, nextAttemptAtMs: now + delivery.afterMs, lastError })
      logger.warn({ ...told, afterMs: delivery.afterMs }, 'notification not delivered, tried again later')
    }
  }

  const deliver = async () => {
    if (delivering) return
    delivering = true
    try {
      const due = [...entries.values()]
        .filter(({ state, nextAttemptAtMs }) => state === 'pending' && nextAttemptAtMs <= clock.now())
        .sort((a, b) => a.createdAtMs - b.createdAtMs)
      for (const { id } of due) {
        const entry = entries.get(id)
        if (entry?.state === 'pending') await attempt(entry)
      }
    } finally {
      delivering = false
    }
  }

  return {
    load,
    enqueue,
    enqueueResolve,
    deliver,
    pending: () => [...entries.values()].filter(({ state }) => state === 'pending').length,
  }
}
