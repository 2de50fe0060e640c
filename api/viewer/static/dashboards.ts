import { readApi } from './api-client.ts'
import { h } from './dom.ts'
import type { Page } from './page.ts'
import { emptyState, table } from './parts.ts'

interface DashboardData {
  readonly dashboards: readonly { readonly uid: string; readonly title: string; readonly description: string }[]
}

export const dashboardsPage: Page<DashboardData> = {
  title: () => 'Dashboards',
  read: () => readApi<DashboardData>('dashboards'),
  draw: ({ dashboards }) => [
    h(
      'header',
      { class: 'page-head', 'data-key': 'head' },
      h('h1', { tabindex: '-1' }, 'Dashboards'),
      h(
        'p',
        { class: 'promise-text' },
        'The same numbers for Grafana, made from your specs over the same tables. ',
        h('code', {}, 'ninefold generate dashboards --out DIR'),
        ' writes them as files.',
      ),
    ),
    dashboards.length === 0
      ? emptyState(
          'There are no dashboards yet.',
          h('p', {}, 'They are made from the SLOs; write a first one and they appear.'),
        )
      : table(
          'Grafana dashboards',
          ['Dashboard', 'About', 'JSON'],
          dashboards.map(({ uid, title, description }) => [
            title,
            description,
            h('a', { href: `/api/v1/dashboards/${encodeURIComponent(uid)}`, 'data-raw': '' }, uid),
          ]),
          'dashboards',
        ),
  ],
}
