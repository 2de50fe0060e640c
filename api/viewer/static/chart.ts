import uPlot from 'uplot'
import { drawMarks, type Marks } from './chart-marks.ts'
import { chartTable } from './chart-table.ts'
import { h, morphChildren } from './dom.ts'

export interface ChartLine {
  readonly label: string
  readonly values: readonly (number | null)[]
}

export interface ChartContent extends Marks {
  /** What the picture shows, in words, for who cannot see it. */
  readonly summary: string
  /** Seconds since the epoch. */
  readonly times: readonly number[]
  readonly lines: readonly ChartLine[]
  format(value: number): string
  /** Lowest and highest value that must be in sight. */
  readonly sight: readonly [number, number]
  /** The value axis ends exactly there, whatever the data say. */
  readonly ceiling?: number
}

interface Mounted {
  content: ChartContent
  plot: uPlot | undefined
  shape: string
}

const mounted = new WeakMap<Element, Mounted>()
const height = 220

export const lineColours = [
  '--line-1',
  '--line-2',
  '--line-3',
  '--line-4',
  '--line-5',
  '--line-6',
  '--line-7',
  '--line-8',
]

export const colourOf = (element: Element, name: string): string =>
  getComputedStyle(element).getPropertyValue(name).trim()

/** Draws into `place`, or gives the chart that is there its new values, without flicker. */
export function drawChart(place: HTMLElement, content: ChartContent): void {
  const shape = JSON.stringify([
    content.lines.map(line => line.label),
    matchMedia('(prefers-color-scheme: dark)').matches,
  ])
  const known = mounted.get(place) ?? mount(place, content)
  known.content = content
  describe(place, content)
  const data = dataOf(content)
  if (known.plot !== undefined && known.shape === shape) {
    known.plot.setData(data)
    return
  }
  known.plot?.destroy()
  known.shape = shape
  const canvas = place.querySelector<HTMLElement>('.chart-canvas')
  if (canvas !== null) known.plot = createPlot(canvas, known, data)
}

const dataOf = ({ times, lines }: ChartContent): uPlot.AlignedData => [
  [...times],
  ...lines.map(line => [...line.values]),
]

function mount(place: HTMLElement, content: ChartContent): Mounted {
  const canvas = h('div', { class: 'chart-canvas', role: 'img' })
  const legend = h('ul', { class: 'chart-legend' })
  place.replaceChildren(canvas, legend, h('details', { class: 'chart-data' }))
  const known: Mounted = { content, plot: undefined, shape: '' }
  mounted.set(place, known)
  new ResizeObserver(() => known.plot?.setSize({ width: canvas.clientWidth, height })).observe(canvas)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    if (place.isConnected) drawChart(place, known.content)
  })
  return known
}

/** The picture in words, its legend, and its numbers as a table. */
function describe(place: HTMLElement, content: ChartContent): void {
  place.querySelector('.chart-canvas')?.setAttribute('aria-label', content.summary)
  const legend = place.querySelector('.chart-legend')
  const entries = content.lines.map((line, index) =>
    h('li', {}, h('span', { class: `swatch line-${index + 1}` }), line.label || '(none)'),
  )
  if (legend !== null) morphChildren(legend, content.lines.length > 1 ? entries : [])
  const details = place.querySelector('details')
  if (details !== null) morphChildren(details, [h('summary', {}, 'The numbers as a table'), chartTable(content)])
}

function createPlot(canvas: HTMLElement, known: Mounted, data: uPlot.AlignedData): uPlot {
  const ink = colourOf(canvas, '--ink-soft')
  const grid = colourOf(canvas, '--rule')
  const tip = h('div', { class: 'chart-tip', hidden: true })
  const axis = {
    stroke: ink,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  }
  const plot = new uPlot(
    {
      width: canvas.clientWidth,
      height,
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
      padding: [18, 22, 0, 0],
      scales: { y: { range: (_plot, low, high) => sightOf(known.content, low, high) } },
      axes: [
        { ...axis, space: 72, size: 34, values: timeLabels },
        { ...axis, size: 62, values: (_plot, ticks) => ticks.map(tick => known.content.format(tick)) },
      ],
      series: [
        {},
        ...known.content.lines.map((line, index) => ({
          label: line.label,
          stroke: colourOf(canvas, lineColours[index % lineColours.length] ?? '--line-1'),
          width: 2,
          points: { show: false },
          spanGaps: false,
        })),
      ],
      hooks: {
        drawClear: [drawn => drawMarks(drawn, known.content, 'behind')],
        draw: [drawn => drawMarks(drawn, known.content, 'above')],
        setCursor: [moved => showTip(moved, known.content, tip)],
      },
    },
    data,
    canvas,
  )
  plot.over.append(tip)
  return plot
}

function sightOf({ sight, ceiling }: ChartContent, low: number | null, high: number | null): [number, number] {
  const from = Math.min(sight[0], low ?? sight[0])
  const to = Math.max(sight[1], high ?? sight[1])
  const air = (to - from) * 0.06 || 1
  return [from < sight[0] ? from - air : from, ceiling ?? to + air]
}

const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const both = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})

/** Midnights show their day, all else the time of day. */
function timeLabels(_plot: uPlot, seconds: number[]): string[] {
  return seconds.map(second => {
    const time = new Date(second * 1000)
    return (time.getHours() === 0 && time.getMinutes() === 0 ? days : hours).format(time)
  })
}

function showTip(plot: uPlot, content: ChartContent, tip: HTMLElement): void {
  const { idx, left } = plot.cursor
  const at = idx === null || idx === undefined ? undefined : content.times[idx]
  tip.hidden = at === undefined || left === undefined || left < 0
  if (tip.hidden || at === undefined || idx === null || idx === undefined) return
  const rows = content.lines.map((line, index) => {
    const value = line.values[idx] ?? null
    const text = value === null ? 'no data' : content.format(value)
    return h('li', {}, h('span', { class: `swatch line-${index + 1}` }), `${line.label || '(none)'}: ${text}`)
  })
  morphChildren(tip, [h('strong', {}, both.format(new Date(at * 1000))), h('ul', {}, rows)])
  const isRight = (left ?? 0) > plot.over.clientWidth / 2
  tip.style.left = isRight ? '' : `${(left ?? 0) + 12}px`
  tip.style.right = isRight ? `${plot.over.clientWidth - (left ?? 0) + 12}px` : ''
}
