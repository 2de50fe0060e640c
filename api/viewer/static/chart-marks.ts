import type uPlot from 'uplot'

/** A region's ground and its edge. */
const tones = {
  page: ['--region-page', '--bad'],
  ticket: ['--region-ticket', '--warn'],
  corrected: ['--region-corrected', '--ink-soft'],
} as const

/** What happened, drawn into a chart: spans of time, moments, and values not to cross. */
export interface Marks {
  readonly regions?: readonly {
    readonly from: number
    readonly to: number
    readonly label: string
    /** Why, for which a picture has no room; told where the marks are listed. */
    readonly reason?: string
    readonly tone: keyof typeof tones
  }[]
  readonly moments?: readonly { readonly at: number; readonly label: string }[]
  readonly limits?: readonly { readonly value: number; readonly label: string }[]
}

const font = (ratio: number) => `${11 * ratio}px system-ui, sans-serif`

/** Regions go behind the lines, everything with a label above them. */
export function drawMarks(plot: uPlot, marks: Marks, where: 'behind' | 'above'): void {
  const { ctx, bbox } = plot
  const colour = (name: string) => getComputedStyle(plot.root).getPropertyValue(name).trim()
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height)
  ctx.clip()
  ctx.font = font(devicePixelRatio)
  // uPlot leaves its own alignment of axis labels behind.
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  if (where === 'behind') drawRegions(plot, marks, colour)
  else {
    drawLimits(plot, marks, colour)
    drawMoments(plot, marks, colour)
  }
  ctx.restore()
}

type Colour = (name: string) => string

/** Text on a ground of its own: lines that cross it must not strike it through. */
function drawLabel({ ctx }: uPlot, text: string, left: number, baseline: number, colour: Colour): void {
  const { width } = ctx.measureText(text)
  const ink = ctx.fillStyle
  ctx.globalAlpha = 0.85
  ctx.fillStyle = colour('--card')
  const air = 2 * devicePixelRatio
  ctx.fillRect(left - air, baseline - labelHeight() + air, width + 2 * air, labelHeight())
  ctx.globalAlpha = 1
  ctx.fillStyle = ink
  ctx.fillText(text, left, baseline)
}

const labelHeight = () => 14 * devicePixelRatio

function drawRegions({ ctx, bbox, valToPos }: uPlot, { regions = [] }: Marks, colour: Colour): void {
  for (const { from, to, label, tone } of regions) {
    const left = Math.max(bbox.left, valToPos(from, 'x', true))
    const right = Math.min(bbox.left + bbox.width, valToPos(to, 'x', true))
    if (right <= bbox.left || left >= bbox.left + bbox.width) continue
    ctx.fillStyle = colour(tones[tone][0])
    ctx.fillRect(left, bbox.top, Math.max(2 * devicePixelRatio, right - left), bbox.height)
    ctx.fillStyle = colour(tones[tone][1])
    ctx.fillRect(left, bbox.top, Math.max(2 * devicePixelRatio, right - left), 2 * devicePixelRatio)
    const width = ctx.measureText(label).width
    const free = bbox.left + bbox.width - width - 4 * devicePixelRatio
    ctx.fillText(
      label,
      Math.max(bbox.left, Math.min(left + 2 * devicePixelRatio, free)),
      bbox.top - 5 * devicePixelRatio,
    )
  }
}

function drawLimits(plot: uPlot, { limits = [] }: Marks, colour: Colour): void {
  const { ctx, bbox, valToPos } = plot
  let lastLabelY = Number.NEGATIVE_INFINITY
  for (const { value, label } of [...limits].sort((a, b) => b.value - a.value)) {
    const y = Math.round(valToPos(value, 'y', true))
    if (y < bbox.top || y > bbox.top + bbox.height) continue
    ctx.strokeStyle = colour('--limit')
    ctx.lineWidth = devicePixelRatio
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    // Labels of limits that lie close together would cover one another; the table under the chart has them all.
    if (y - lastLabelY < 16 * devicePixelRatio) continue
    lastLabelY = y
    ctx.fillStyle = colour('--ink-soft')
    drawLabel(plot, label, bbox.left + 6 * devicePixelRatio, y - 4 * devicePixelRatio, colour)
  }
  ctx.setLineDash([])
}

/** Each label stands beside its line, above those that it would cover. */
function drawMoments(plot: uPlot, { moments = [] }: Marks, colour: Colour): void {
  const { ctx, bbox, valToPos } = plot
  const rowEnds: number[] = []
  const inSight = moments
    .map(({ at, label }) => ({ x: Math.round(valToPos(at, 'x', true)), label }))
    .filter(({ x }) => x >= bbox.left && x <= bbox.left + bbox.width)
  for (const { x } of inSight) {
    ctx.strokeStyle = colour('--accent')
    ctx.lineWidth = 1.5 * devicePixelRatio
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    ctx.setLineDash([])
  }
  ctx.fillStyle = colour('--accent')
  for (const { x, label } of inSight) {
    const width = ctx.measureText(label).width
    const isNearEnd = x + width + 8 * devicePixelRatio > bbox.left + bbox.width
    const left = isNearEnd ? x - width - 5 * devicePixelRatio : x + 5 * devicePixelRatio
    const free = rowEnds.findIndex(end => end < left)
    const row = free === -1 ? rowEnds.length : free
    rowEnds[row] = left + width + 6 * devicePixelRatio
    drawLabel(plot, label, left, bbox.top + bbox.height - 8 * devicePixelRatio - row * labelHeight(), colour)
  }
}
