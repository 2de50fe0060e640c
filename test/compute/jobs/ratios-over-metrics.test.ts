import { describe, expect, it } from 'vitest'
import { parse, parseGood } from '../../slo-specs/parse.ts'
import { cumulative, delta, insertCounters, insertGauges, rowOf } from './metric-points.ts'
import { hour, hourStartMs, opened, ratioPast, span } from './ratio-past.ts'
import { ratioText } from './ratio-specs.ts'

const past = ratioPast()
const { insert, overTheHour, reportsOf, rollUp } = past

describe('a ratio over metrics', () => {
  const start = hourStartMs / 1000
  const metric = (name: string, aggregate: string) => ({ signal: 'metrics', filter: `name == "${name}"`, aggregate })

  it('takes each point of a gauge as a measurement', async () => {
    const specs = parseGood(
      ratioText('depth', metric('queue.depth', 'sum(value)'), metric('queue.depth', 'uniq(k8s.pod.name)')),
      ratioText('peak', metric('queue.depth', 'max(value)'), metric('queue.depth', 'avg(value)'), 'layers: [pod]'),
    )
    const at = (pod: string, seconds: number, Value: number) => ({
      ...rowOf({ name: 'queue.depth', pod, time: start + seconds }),
      Value,
    })
    await insertGauges(past.store().writer, [at('a', 0, 0.1), at('a', 60, 0.2), at('b', 0, 2.7)])
    await rollUp(specs)
    expect(await overTheHour(specs, 'depth')).toMatchObject({ numerator: 3n, denominator: 2n, value: 1.5 })
    expect(await overTheHour(specs, 'peak')).toMatchObject({ numerator: 2.7, denominator: 1n, value: 2.7 })
    const pods = await reportsOf(specs).layers('peak', 'pod', hour)
    expect(pods.map(({ layerValue, numerator, denominator }) => [layerValue, numerator, denominator])).toEqual([
      ['b', 2.7, 2.7],
      ['a', 0.2, 0.15],
    ])
  })

  it('takes of a counter what it counted, over resets, repeats and late points, to the last decimal', async () => {
    const specs = parseGood(
      ratioText('revenue', metric('revenue', 'sum(value)'), metric('orders', 'sum(value)')),
      ratioText('revenue-per-cart', metric('revenue', 'sum(value)'), opened),
    )
    const revenue = (seconds: number, Value: number, began = -30) => ({
      ...rowOf({ name: 'revenue', start: start + began, time: start + seconds }),
      ...cumulative,
      Value,
    })
    const order = (seconds: number, Value: number) => ({
      ...rowOf({ name: 'orders', start: start + seconds - 30, time: start + seconds }),
      ...delta,
      Value,
    })
    await insert([span(hourStartMs, 'cart')])
    // 0.1, then 0.9 more, and 0.2 of a new process.
    await insertCounters(past.store().writer, [revenue(0, 0.1), revenue(120, 1), revenue(180, 0.2, 150)])
    await insertCounters(past.store().writer, [order(0, 3), order(60, 1), order(60, 1)])
    await rollUp(specs)
    const whole = { numerator: 1.2, denominator: 4n, value: 0.3 }
    expect(await overTheHour(specs, 'revenue')).toMatchObject(whole)
    const numerators = async () =>
      (await reportsOf(specs).history('revenue', { ...hour, stepSeconds: 60 })).slice(0, 4).map(each => each.numerator)
    expect(await numerators()).toEqual([0.1, 0n, 0.9, 0.2])
    // A late point tells when it was counted, not how much.
    await insertCounters(past.store().writer, [revenue(60, 0.4)])
    await rollUp(specs)
    expect(await numerators()).toEqual([0.1, 0.3, 0.6, 0.2])
    expect(await overTheHour(specs, 'revenue')).toMatchObject(whole)
    expect(await overTheHour(specs, 'revenue-per-cart')).toMatchObject({ numerator: 1.2, denominator: 1n, value: 1.2 })
  })

  it('names its metric, and asks no filter for the value', () => {
    const codes = (filter: string) =>
      parse(ratioText('r', { signal: 'metrics', filter, aggregate: 'avg(value)' }, opened)).findings.map(
        ({ code, line }) => [code, line],
      )
    expect(codes('service.name == "shop"')).toEqual([['SPEC_METRIC_NAME', 4]])
    expect(codes('name == "depth" && value > 3.0')).toEqual([['SPEC_METRIC_VALUE', 4]])
    expect(codes('name in ["depth", "length"] && service.name == "shop"')).toEqual([])
  })
})
