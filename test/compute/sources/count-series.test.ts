import { describe, expect, it } from 'vitest'
import { countSeries, type Series } from '../../../compute/sources/count-series.ts'
import type { QueryMeaning } from '../../../slo-specs/schema/model.ts'

const span = { from: 600, to: 1200 }
const series = (samples: Record<number, number>, labels: Record<string, string> = {}): Series => ({
  labels,
  samples: Object.entries(samples).map(([at, value]) => [Number(at), value]),
})
const counts = (partIs: 'good' | 'bad', isCounter = false): QueryMeaning => ({
  kind: 'counts',
  total: 't',
  part: 'p',
  partIs,
  isCounter,
})
const count = (meaning: QueryMeaning, main: Series[], part: Series[] = [], layerLabels = {}) =>
  countSeries({ meaning, layerLabels }, { main, part }, span)
const row = (minute: number, good: number, valid: number, layers = {}) => ({
  minute,
  layers,
  good: BigInt(good),
  valid: BigInt(valid),
})

describe('what the answers of a range query count', () => {
  it('belongs to the minute that ends at the sample, rounded to whole events', () => {
    const { covered, counts: rows } = count(
      counts('good'),
      [series({ 600: 9, 660: 4.4, 720: 5.5 })],
      [series({ 660: 3.6, 720: 6 })],
    )
    expect(covered).toEqual([600, 660])
    expect(rows).toEqual([row(600, 4, 4), row(660, 6, 6)])
  })

  it('is missing where the total is, and none of the part where only the part is', () => {
    const total = series({ 660: Number.NaN, 720: 5, 780: Number.POSITIVE_INFINITY, 840: -1, 900: 2 ** 60 })
    const { covered, counts: rows } = count(counts('bad'), [total], [series({ 660: 3 })])
    expect(covered).toEqual([660])
    expect(rows).toEqual([row(660, 5, 5)])
  })

  it('is stored as delivered when more are good than valid; more bad than valid ones are that many', () => {
    expect(count(counts('good'), [series({ 660: 5 })], [series({ 660: 7 })]).counts).toEqual([row(600, 7, 5)])
    expect(count(counts('bad'), [series({ 660: 5 })], [series({ 660: 7 })]).counts).toEqual([row(600, 0, 7)])
  })

  it('of a counter is what it went up by, over resets and gaps, by series and layer', () => {
    const a = series({ 0: 3, 600: 10, 660: 14.5, 720: 15.2, 840: 2, 900: 2 }, { pod: 'a', code: '200' })
    const b = series({ 660: 7, 720: 9 }, { pod: 'b', code: '200' })
    const c = series({ 600: 1, 660: 2 }, { pod: 'a', code: '500' })
    const late = series({ 60: 1, 1020: 100 }, { pod: 'c' })
    const { covered, counts: rows } = count(counts('bad', true), [a, b, c, late], [c], { pod: 'pod', region: 'cloud' })
    expect([...covered].sort((x, y) => x - y)).toEqual([600, 660, 780, 840])
    expect(rows).toEqual([
      row(600, 4, 5, { pod: 'a' }),
      row(660, 1, 1, { pod: 'a' }),
      row(780, 2, 2, { pod: 'a' }),
      row(840, 0, 0, { pod: 'a' }),
      row(660, 2, 2, { pod: 'b' }),
    ])
  })

  it('judges each value against a threshold', () => {
    const meaning = { kind: 'threshold', query: 'q', comparison: '<=', value: 0.3 } as const
    const { counts: rows } = count(meaning, [series({ 660: 0.3, 720: 0.31 }), series({ 660: 0.1, 720: Number.NaN })])
    expect(rows).toEqual([row(600, 2, 2), row(660, 0, 1)])
  })

  it('takes a ready-made share as parts of a minute, rounded towards bad; what is no share is missing', () => {
    const share = series({ 660: 0.9999999, 720: 1.1, 780: 0.5 })
    expect(count({ kind: 'raw', query: 'q', shareOf: 'good' }, [share]).counts).toEqual([
      row(600, 999_999, 1_000_000),
      row(720, 500_000, 1_000_000),
    ])
    const { covered, counts: rows } = count({ kind: 'raw', query: 'q', shareOf: 'bad' }, [
      series({ 660: 0.0000001, 720: -0.1 }),
    ])
    expect([covered, rows]).toEqual([[600], [row(600, 999_999, 1_000_000)]])
  })
})
