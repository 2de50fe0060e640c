import { readApi } from './api-client.ts'
import { type Child, h } from './dom.ts'
import { episodeCard } from './episode-card.ts'
import { sloTitle } from './format.ts'
import type { Page, View } from './page.ts'
import { emptyState, panel } from './parts.ts'
import type { Episode, Notification, Slo } from './reply-types.ts'

interface AlertData {
  readonly alerts: readonly Episode[]
  readonly notifications: readonly Notification[]
  readonly titles: ReadonlyMap<string, string>
}

const order: Readonly<Record<Episode['state'], number>> = { firing: 0, pending: 1, resolved: 2, inactive: 3 }

export const alertsPage: Page<AlertData> = {
  title: () => 'Alerts',
  read: async () => {
    const [{ alerts }, { notifications }, { slos }] = await Promise.all([
      readApi<{ alerts: Episode[] }>('alerts', { limit: 100 }),
      readApi<{ notifications: Notification[] }>('notifications', { limit: 200 }),
      readApi<{ slos: Slo[] }>('slos'),
    ])
    return { alerts, notifications, titles: new Map(slos.map(slo => [slo.name, sloTitle(slo)])) }
  },
  draw: (data, view) => {
    const firing = data.alerts.filter(episode => episode.state === 'firing')
    const told = firing.filter(episode => !episode.inhibited)
    const rest = [...data.alerts]
      .filter(episode => episode.state !== 'firing')
      .sort((a, b) => order[a.state] - order[b.state])
    return [
      h(
        'header',
        { class: 'page-head', 'data-key': 'head' },
        h('h1', { tabindex: '-1' }, 'Alerts'),
        h(
          'p',
          { class: 'promise-text' },
          told.length === 0
            ? 'Nothing is firing.'
            : told.length === 1
              ? 'One alert is firing.'
              : `${told.length} alerts are firing.`,
        ),
      ),
      firing.length === 0 ? quiet(rest.length) : panel('Firing now', { key: 'firing' }, cards(firing, data, view)),
      rest.length === 0 ? null : panel('Before', { key: 'before' }, cards(rest, data, view)),
    ]
  },
}

function cards(episodes: readonly Episode[], { notifications, titles }: AlertData, { nowMs }: View): Child[] {
  return episodes.map(episode => {
    const sent = notifications.filter(({ dedupKey }) => dedupKey === episode.dedupKey && dedupKey !== '')
    return episodeCard(episode, titles.get(episode.slo) ?? episode.slo, sent, nowMs)
  })
}

function quiet(past: number): Child {
  if (past > 0) return null
  return emptyState(
    'No alert has ever fired here.',
    h(
      'p',
      {},
      'Alerts come from the AlertPolicies of your specs. ',
      h('code', {}, 'ninefold backtest'),
      ' shows what would have fired in the past; routing to PagerDuty needs ',
      h('code', {}, 'pagerduty.routingKeyFile'),
      '.',
    ),
  )
}
