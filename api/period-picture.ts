import type { PeriodReply } from './schemas/period-replies.ts'

/** When a promise's budget went: a line from all of it at the left to what is left, and a mark for each of its incidents. */
export interface PeriodPicture {
  /** Path in a box of 100 × 30; empty without data. */
  readonly line: string
  /** Where nothing is left. */
  readonly emptyY: number
  readonly marks: readonly { readonly x: number; readonly width: number }[]
}

const [top, bottom] = [2, 22]
/** Of the box: a shorter mark could not be seen. */
const narrowestMark = 1.2

/** Time goes over the whole period, so that of a running one the right part is free. */
export function pictureOf(slo: PeriodReply['slos'][number], report: PeriodReply): PeriodPicture {
  const [fromMs, toMs] = [Date.parse(report.from), Date.parse(report.to)]
  const x = (iso: string) => Math.min(1, Math.max(0, (Date.parse(iso) - fromMs) / (toMs - fromMs))) * 100
  const left = slo.spent.map(share => 1 - share)
  const [high, low] = [Math.max(1, ...left), Math.min(0, ...left)]
  const y = (value: number) => top + ((high - value) / (high - low)) * (bottom - top)
  const points = left.map(
    (value, index) => `L${x(report.partEnds[index] ?? report.until).toFixed(2)} ${y(value).toFixed(2)}`,
  )
  const marks = report.incidents
    .filter(incident => incident.slo === slo.name)
    .map(({ firedAt, resolvedAt }) => {
      const width = Math.max(narrowestMark, x(resolvedAt ?? report.until) - x(firedAt))
      return { x: Math.min(x(firedAt), 100 - width), width }
    })
  return { line: points.length === 0 ? '' : `M0 ${y(1).toFixed(2)}${points.join('')}`, emptyY: y(0), marks }
}

/** The picture in words. */
export function pictureText({ spent, name }: PeriodReply['slos'][number], { incidents }: PeriodReply): string {
  if (spent.length === 0) return 'Nothing was counted'
  const pages = incidents.filter(({ slo }) => slo === name).length
  return `How the budget went over the period; ${pages === 0 ? 'no page' : pages === 1 ? 'one page' : `${pages} pages`}`
}
