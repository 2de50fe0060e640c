/** Where the reader is: a page, what it is about, and the filters, all in the address. */
export interface Place {
  readonly page: 'slos' | 'slo' | 'ratios' | 'ratio' | 'report' | 'alerts' | 'pipeline' | 'dashboards' | 'unknown'
  /** Name of the SLO or ratio. */
  readonly name: string
  readonly query: URLSearchParams
}

const pages: Readonly<Record<string, Place['page']>> = {
  '/': 'slos',
  '/ratios': 'ratios',
  '/report': 'report',
  '/alerts': 'alerts',
  '/pipeline': 'pipeline',
  '/dashboards': 'dashboards',
}

export function currentPlace(): Place {
  const query = new URLSearchParams(location.search)
  const slo = /^\/slos\/([^/]+)$/.exec(location.pathname)?.[1]
  if (slo !== undefined) return { page: 'slo', name: decodeURIComponent(slo), query }
  const ratio = /^\/ratios\/([^/]+)$/.exec(location.pathname)?.[1]
  if (ratio !== undefined) return { page: 'ratio', name: decodeURIComponent(ratio), query }
  return { page: pages[location.pathname] ?? 'unknown', name: '', query }
}

export const ratioAddress = (name: string): string => `/ratios/${encodeURIComponent(name)}`
export const sloAddress = (name: string): string => `/slos/${encodeURIComponent(name)}`

/** The present address with some filters changed; an empty value leaves one out. */
export function addressWith(changes: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') query.delete(name)
    else query.set(name, value)
  }
  return `${location.pathname}${query.size === 0 ? '' : `?${query}`}`
}

/** Follows links of the viewer without loading the page anew; `moved` says whether it is another page. */
export function followLinks(moved: (isOtherPage: boolean) => void): (address: string) => void {
  const go = (address: string) => {
    const before = location.pathname
    history[address.split('?')[0] === before ? 'replaceState' : 'pushState'](null, '', address)
    moved(location.pathname !== before)
  }
  addEventListener('popstate', () => moved(true))
  document.addEventListener('click', event => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const isPlain = !event.defaultPrevented && event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey)
    if (link === null || !isPlain || link.origin !== location.origin || link.target !== '') return
    if (link.hasAttribute('data-raw') || link.getAttribute('href')?.startsWith('#')) return
    event.preventDefault()
    go(link.pathname + link.search)
  })
  return go
}
