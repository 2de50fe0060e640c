import { type Child, h } from './dom.ts'
import { formatBudget } from './format.ts'
import type { Episode, SloState } from './reply-types.ts'

/** Small pieces that several pages are made of. A state is always a shape and a word, never a colour alone. */

const stateWords: Readonly<Record<SloState, string>> = {
  healthy: 'Healthy',
  burning: 'Burning',
  exhausted: 'Budget spent',
  'no-data': 'No data',
}

const stateShapes: Readonly<Record<SloState, string>> = {
  healthy: 'M3 8.5l3.2 3.2L13 5',
  burning:
    'M8 2.5c.6 2.6 3.6 4 3.6 7.2A3.6 3.6 0 0 1 8 13.4a3.6 3.6 0 0 1-3.6-3.7c0-1.5.8-2.4 1.5-3.2.2 1 .6 1.5 1.2 1.8C7 6.3 7 4.2 8 2.5z',
  exhausted: 'M4 4l8 8M12 4l-8 8',
  'no-data': 'M3.500 8h9',
}

export const stateWord = (state: SloState): string => stateWords[state]

function shape(path: string): HTMLElement {
  return h('svg', { class: 'shape', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, h('path', { d: path }))
}

export const stateShape = (state: SloState): HTMLElement => shape(stateShapes[state])

export function statePill(state: SloState): HTMLElement {
  return h('span', { class: `pill ${state}` }, stateShape(state), stateWords[state])
}

const severityWords = { page: 'Page', ticket: 'Ticket', 'no-data': 'No data' } as const

export function severityPill({ severity, state }: Pick<Episode, 'severity' | 'state'>): HTMLElement {
  const tone = state !== 'firing' ? 'over' : severity === 'page' ? 'exhausted' : 'burning'
  const word = state === 'firing' ? 'firing' : state
  return h('span', { class: `pill ${tone}` }, `${severityWords[severity]} · ${word}`)
}

/** A share as a bar, spent budget as a full one, nothing for null; the number stands beside it, so readers of the page skip the bar. */
export function budgetBar(share: number | null, tone: SloState): HTMLElement {
  const isSpent = share !== null && share <= 0 && tone !== 'no-data'
  const width = isSpent ? 100 : Math.max(share === null || share <= 0 ? 0 : 1.5, Math.min(100, (share ?? 0) * 100))
  const track = h('rect', { class: 'track', width: 100, height: 8, rx: 4 })
  const fill = h('rect', { class: 'fill', width, height: 8, rx: 4 })
  const attributes = { class: `budget-bar ${isSpent ? 'exhausted' : tone}`, viewBox: '0 0 100 8' }
  return h('svg', { ...attributes, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, track, fill)
}

export const budgetText = (remainingRatio: number, state: SloState): string =>
  state === 'no-data' ? '—' : formatBudget(remainingRatio)

/** A line without axes for a trend; `label` says it in words. */
export function sparkline(
  values: readonly (number | null)[],
  label: string,
  sight: readonly [number, number],
): HTMLElement {
  const known = values.filter(value => value !== null)
  const low = Math.min(sight[0], ...known)
  const high = Math.max(sight[1], ...known)
  const x = (index: number) => (index / Math.max(1, values.length - 1)) * 98 + 1
  const y = (value: number) => 26 - ((value - low) / (high - low)) * 24
  let path = ''
  let isDrawing = false
  for (const [index, value] of values.entries()) {
    if (value !== null) path += `${isDrawing ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`
    isDrawing = value !== null
  }
  const attributes = { class: 'sparkline', viewBox: '0 0 100 28', preserveAspectRatio: 'none', role: 'img' }
  return h('svg', { ...attributes, 'aria-label': label }, path === '' ? null : h('path', { d: path }))
}

export function panel(title: string, attributes: { readonly key: string; readonly aside?: Child }, ...body: Child[]) {
  const id = `panel-${attributes.key}`
  const heading = h('div', { class: 'panel-head' }, h('h2', { id }, title), attributes.aside)
  return h('section', { class: 'panel', 'data-key': attributes.key, 'aria-labelledby': id }, heading, body)
}

/** Says that there is nothing, and what to do next. */
export function emptyState(title: string, ...next: Child[]): HTMLElement {
  return h('div', { class: 'empty' }, h('p', { class: 'empty-title' }, title), h('div', { class: 'empty-next' }, next))
}

export const fact = (term: string, value: Child, note?: Child): HTMLElement =>
  h('div', { class: 'fact' }, h('dt', {}, term), h('dd', {}, value, note ? h('span', { class: 'note' }, note) : null))

/** A chart's place; charts look after themselves there. */
export const chartPlace = (key: string): HTMLElement =>
  h('div', { class: 'chart-place', 'data-key': `chart-${key}`, 'data-keep': '', 'data-chart': key })

/** A table whose cells carry their labels, to be read as cards on a narrow screen; the roles outlive the change of layout. */
export function table(caption: string, columns: readonly string[], rows: readonly (readonly Child[])[], key = caption) {
  const head = h(
    'tr',
    { role: 'row' },
    columns.map(column => h('th', { scope: 'col', role: 'columnheader' }, column)),
  )
  const body = rows.map(cells =>
    h(
      'tr',
      { role: 'row' },
      cells.map((cell, index) =>
        index === 0
          ? h('th', { scope: 'row', role: 'rowheader', 'data-label': columns[0] }, cell)
          : h('td', { role: 'cell', 'data-label': columns[index] }, cell),
      ),
    ),
  )
  return h(
    'div',
    { class: 'table-frame', 'data-key': key },
    h(
      'table',
      { role: 'table' },
      h('caption', { class: 'unseen' }, caption),
      h('thead', { role: 'rowgroup' }, head),
      h('tbody', { role: 'rowgroup' }, body),
    ),
  )
}
