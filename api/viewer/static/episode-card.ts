import { type Child, h } from './dom.ts'
import {
  describeDuration,
  formatAgo,
  formatBudget,
  formatBurnRate,
  formatCount,
  formatRatio,
  formatTime,
} from './format.ts'
import { sloAddress } from './navigation.ts'
import { severityPill } from './parts.ts'
import type { Episode, Notification } from './reply-types.ts'

/** One time an alert was on: what burned, how fast, where, since which version, and what was sent because of it. */
export function episodeCard(
  episode: Episode,
  title: string,
  sent: readonly Notification[],
  nowMs: number,
): HTMLElement {
  const { evidence, burningLayers, suspectVersion, budgetRemainingRatio, state } = episode
  return h(
    'article',
    {
      class: `episode ${state} ${episode.severity}`,
      'data-key': `${episode.dedupKey}/${episode.severity}`,
      'aria-label': `${title}, ${episode.severity}, ${state}`,
    },
    h(
      'div',
      { class: 'episode-head' },
      severityPill(episode),
      h('h3', {}, h('a', { href: sloAddress(episode.slo) }, title)),
      h('span', { class: 'note' }, timeOf(episode, nowMs)),
    ),
    h(
      'ul',
      { class: 'evidence' },
      evidence.map(burn => h('li', {}, evidenceText(burn))),
      budgetRemainingRatio === null
        ? null
        : h('li', {}, `${formatBudget(budgetRemainingRatio)} of the budget was left when it fired`),
      suspectVersion === null ? null : h('li', { class: 'suspect' }, 'Since version ', h('b', {}, suspectVersion)),
      episode.frozen ? h('li', {}, 'The signal is silent: it stays open until data returns') : null,
      episode.inhibited ? h('li', {}, 'Not notified: the page of the same promise says it already') : null,
    ),
    burningLayers.length === 0 ? null : h('p', { class: 'where' }, 'Where: ', burningLayers.slice(0, 5).map(layerChip)),
    sent.map(notification => message(notification, nowMs)),
  )
}

function timeOf({ firedAt, resolvedAt, pendingSince }: Episode, nowMs: number): string {
  if (firedAt === null) return pendingSince === null ? '' : `pending since ${formatTime(pendingSince, nowMs)}`
  const from = formatTime(firedAt, nowMs)
  if (resolvedAt === null) return `since ${from}, ${formatAgo(firedAt, nowMs)}`
  const seconds = (Date.parse(resolvedAt) - Date.parse(firedAt)) / 1000
  return `${from} to ${formatTime(resolvedAt, nowMs)}, ${describeDuration(seconds)}`
}

function evidenceText(burn: Episode['evidence'][number]): string {
  const rate =
    burn.longBurnRate === null ? 'no data' : `${formatBurnRate(burn.longBurnRate)} times as fast as the budget allows`
  const bad = `${formatCount(burn.longValid - burn.longGood)} of ${formatCount(burn.longValid)} events bad`
  return `${rate} over ${describeDuration(burn.longWindowSeconds)}: ${bad} (alerts at ${Math.round(burn.threshold * 100) / 100})`
}

function layerChip({ layer, value, shareOfBad }: Episode['burningLayers'][number]): Child {
  return h(
    'span',
    { class: 'layer-chip' },
    `${layer.replaceAll('_', ' ')} `,
    h('b', {}, value || '(none)'),
    ` ${formatRatio(shareOfBad, { digits: 0 })}`,
  )
}

const deliveryWords = {
  pending: 'waiting to be sent',
  sent: 'sent',
  rejected: 'refused by the receiver',
  superseded: 'not needed any more',
} as const

/** The exact message, its key masked. */
function message(notification: Notification, nowMs: number): HTMLElement {
  const { action, target, state, attempts, sentAt, createdAt, lastError, body, id } = notification
  const what = action === 'trigger' ? 'The page' : 'The all-clear'
  const when = sentAt === null ? `enqueued ${formatTime(createdAt, nowMs)}` : formatTime(sentAt, nowMs)
  const content = parse(body)
  const said = summaryOf(content)
  return h(
    'div',
    { class: 'message', 'data-key': id },
    said === '' ? null : h('p', { class: 'told' }, said),
    h(
      'details',
      {},
      h(
        'summary',
        {},
        `${what} to ${target}: ${deliveryWords[state]}, ${when}`,
        attempts > 1 ? `, ${attempts} attempts` : null,
      ),
      lastError === '' ? null : h('p', { class: 'warning' }, lastError),
      h(
        'pre',
        { tabindex: '0', 'aria-label': 'Body of the message' },
        content === undefined ? body : JSON.stringify(content, null, 2),
      ),
    ),
  )
}

/** The JSON of a body; undefined for receivers that take another form, whose messages are shown as they were sent. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The line that the receiver shows first, where the message has one. */
function summaryOf(message: unknown): string {
  const { payload } = (message ?? {}) as { payload?: { summary?: unknown } }
  return typeof payload?.summary === 'string' ? payload.summary : ''
}
