import { type Child, h } from './dom.ts'
import { describeDuration, formatTime } from './format.ts'
import type { View } from './page.ts'
import { panel, table } from './parts.ts'
import type { Pipeline } from './reply-types.ts'

/** Partitions that do not get on, and why; nothing of them is lost as long as the bus keeps it. */
export function waitingPartitions({ sink: { waiting } }: Pipeline, { nowMs }: View): Child {
  if (waiting === null || waiting.length === 0) return null
  const rows = waiting.map(({ topic, partition, reason, remedy, since }) => [
    `${topic}/${partition}`,
    describeDuration((nowMs - Date.parse(since)) / 1000),
    h('code', {}, reason),
    remedy,
  ])
  return panel(
    'Partitions wait',
    { key: 'waiting' },
    h('p', { class: 'warning' }, 'What arrives there is kept on the bus and stored when the cause is gone.'),
    table('Partitions that wait', ['Partition', 'For', 'Code', 'What to do'], rows),
  )
}

/** Telemetry that was acknowledged and will not be stored: the numbers of that time are short of it. */
export function lostCoverage({ sink: { gaps } }: Pipeline, { nowMs }: View): Child {
  if (gaps === null || gaps.length === 0) return null
  const rows = gaps.map(({ topic, partition, reason, firstOffset, lastOffset, noticedAt }) => [
    `${topic}/${partition}`,
    `${firstOffset} to ${lastOffset}`,
    h('code', {}, reason),
    formatTime(noticedAt, nowMs),
  ])
  return panel(
    'Coverage was lost',
    { key: 'gaps' },
    h('p', { class: 'warning' }, 'These payloads were acknowledged and are gone; numbers of that time lack them.'),
    table('Gaps in the log', ['Partition', 'Offsets', 'Code', 'Noticed'], rows),
  )
}
