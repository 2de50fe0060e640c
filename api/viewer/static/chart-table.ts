import type { ChartContent } from './chart.ts'
import { h } from './dom.ts'

const mostRows = 24
const time = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })

/** The chart's newest numbers, thinned to what can be listened to, and what is marked in it. */
export function chartTable({ times, lines, format, summary, regions = [], moments = [], limits = [] }: ChartContent) {
  const every = Math.max(1, Math.ceil(times.length / mostRows))
  const indexes = times.map((_, index) => index).filter(index => (times.length - 1 - index) % every === 0)
  const at = (seconds: number) => time.format(new Date(seconds * 1000))
  const rows = indexes.reverse().map(index => {
    const cells = lines.map(line => {
      const value = line.values[index] ?? null
      return h('td', {}, value === null ? 'no data' : format(value))
    })
    return h('tr', {}, h('th', { scope: 'row' }, at(times[index] ?? 0)), cells)
  })
  const marks = [
    ...regions.map(({ from, to, label, reason }) => {
      const span = `${label}: ${at(from)} to ${at(to)}`
      return reason === undefined ? span : `${span}. ${reason}`
    }),
    ...moments.map(moment => `${moment.label}: ${at(moment.at)}`),
    ...limits.map(({ label }) => label),
  ]
  return h(
    'div',
    { class: 'table-frame' },
    marks.length === 0
      ? null
      : h(
          'ul',
          { class: 'chart-marks' },
          marks.map(mark => h('li', {}, mark)),
        ),
    h(
      'table',
      { class: 'plain' },
      h('caption', { class: 'unseen' }, summary),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, 'Time'),
          lines.map(line => h('th', { scope: 'col' }, line.label || '(none)')),
        ),
      ),
      h('tbody', {}, rows),
    ),
  )
}
