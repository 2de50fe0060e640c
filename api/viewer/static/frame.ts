import { h } from './dom.ts'
import type { Place } from './navigation.ts'
import type { Slo } from './reply-types.ts'

const entries = [
  ['/', 'Promises', ['slos', 'slo', 'report']],
  ['/ratios', 'Ratios', ['ratios', 'ratio']],
  ['/alerts', 'Alerts', ['alerts']],
  ['/pipeline', 'Pipeline', ['pipeline']],
  ['/dashboards', 'Dashboards', ['dashboards']],
] as const

/** The banner that every page has: name, pages, and whether what is shown is current. */
export function banner(place: Place, firing: number, freshness: string, isStale: boolean): Node[] {
  const links = entries.map(([href, word, pages]) => {
    const isHere = pages.some(page => page === place.page)
    const badge =
      href === '/alerts' && firing > 0
        ? h('span', { class: 'badge', 'aria-label': `${firing} firing` }, String(firing))
        : null
    return h('li', {}, h('a', { href, 'aria-current': isHere ? 'page' : null }, word, badge))
  })
  return [
    h(
      'a',
      { class: 'brand', href: '/', 'aria-label': 'Ninefold, all promises' },
      h('img', { src: '/modules/api/viewer/static/icon.svg', alt: '', width: 26, height: 26 }),
      'Ninefold',
    ),
    h('nav', { 'aria-label': 'Pages' }, h('ul', {}, links)),
    h('span', { class: isStale ? 'freshness stale' : 'freshness' }, freshness),
  ]
}

/** What to say aloud when something began to burn since the last look. */
export function newlyBurning(before: readonly Slo[], now: readonly Slo[]): string {
  const known = new Set(before.filter(slo => slo.status !== 'healthy').map(slo => slo.name))
  const began = now.filter(slo => (slo.status === 'burning' || slo.status === 'exhausted') && !known.has(slo.name))
  return began.map(slo => `${slo.displayName || slo.name} began to burn its budget.`).join(' ')
}
