import { describe, expect, it } from 'vitest'
import { createHistory } from '../../../compute/jobs/history.ts'
import { planVerdicts } from '../../../compute/jobs/verdict-plan.ts'
import { parseGood } from '../../slo-specs/parse.ts'
import { clock, hour, hourStartMs, nextVersion, opened, paid, ratioPast, span } from './ratio-past.ts'
import { ratioText } from './ratio-specs.ts'
import { insertSpans } from './spans.ts'

const past = ratioPast()
const { given, overTheHour, reportsOf, rollUp } = past

describe('a ratio', () => {
  it('is sum over sum: a minute with more traffic weighs more', async () => {
    const specs = parseGood(ratioText('paid', paid, opened))
    // Minute 0: 1 of 10. Minute 1: 1 of 1. The mean of both would be 0.55.
    await given(specs, [
      span(hourStartMs, 'payments'),
      ...Array.from({ length: 10 }, (_, index) => span(hourStartMs + index * 1000, 'cart')),
      span(hourStartMs + 60_000, 'payments'),
      span(hourStartMs + 61_000, 'cart'),
    ])
    const point = { atMs: hourStartMs, numerator: 2n, denominator: 11n, value: 2 / 11, isEstimate: false }
    expect(await overTheHour(specs, 'paid')).toEqual(point)
    const minutes = await reportsOf(specs).history('paid', { ...hour, stepSeconds: 60 })
    expect(minutes.slice(0, 3).map(({ value }) => value)).toEqual([0.1, 1, null])
    expect(minutes).toHaveLength(60)
  })

  it('has no value where the denominator is 0, and is 0 where only the numerator is', async () => {
    const specs = parseGood(ratioText('paid', paid, opened))
    await given(specs, [span(hourStartMs, 'payments'), span(hourStartMs + 60_000, 'cart')])
    const [first, second, third] = await reportsOf(specs).history('paid', { ...hour, stepSeconds: 60 })
    expect(first).toMatchObject({ numerator: 1n, denominator: 0n, value: null })
    expect(second).toMatchObject({ numerator: 0n, denominator: 1n, value: 0 })
    expect(third).toMatchObject({ numerator: 0n, denominator: 0n, value: null })
  })

  it('changes with late events, and with nothing that is delivered twice', async () => {
    const specs = parseGood(ratioText('paid', paid, opened))
    const first = [span(hourStartMs, 'payments'), span(hourStartMs, 'cart'), span(hourStartMs, 'cart')]
    await insertSpans(past.store().writer, first, 'first')
    await rollUp(specs)
    await insertSpans(past.store().writer, first, 'first')
    await rollUp(specs)
    expect(await overTheHour(specs, 'paid')).toMatchObject({ numerator: 1n, denominator: 2n, value: 0.5 })
    await given(specs, [span(hourStartMs + 5000, 'payments', {}, { status: 'Error' }), span(hourStartMs, 'cart')])
    expect(await overTheHour(specs, 'paid')).toMatchObject({ numerator: 1n, denominator: 3n, value: 1 / 3 })
  })

  it('is of the same layer on both sides, and its sums over any layer are those of the whole', async () => {
    const specs = parseGood(ratioText('value', { aggregate: 'sum(order.total)' }, { aggregate: 'count' }))
    const eu = { 'cloud.region': 'eu' }
    const us = { 'cloud.region': 'us' }
    await given(specs, [
      span(hourStartMs, 'a', { 'order.total': '0.1' }, { resource: eu }),
      span(hourStartMs, 'a', { 'order.total': '0.2' }, { resource: eu }),
      span(hourStartMs, 'a', { 'order.total': '19.7' }, { resource: us }),
    ])
    const rows = await reportsOf(specs).layers('value', 'region', hour)
    expect(rows).toEqual([
      { layerValue: 'eu', numerator: 0.3, denominator: 2n, value: 0.15, isEstimate: false },
      { layerValue: 'us', numerator: 19.7, denominator: 1n, value: 19.7, isEstimate: false },
    ])
    // Decimals: 0.1 + 0.2 + 19.7 is exactly 20.
    expect(await overTheHour(specs, 'value')).toMatchObject({ numerator: 20n, denominator: 3n, value: 20 / 3 })
  })

  it('keeps only the layers that are asked for', async () => {
    const specs = parseGood(ratioText('paid', paid, opened, 'layers: [region]'))
    await given(specs, [span(hourStartMs, 'cart'), span(hourStartMs, 'payments')])
    const by = (layer: 'region' | 'service') => reportsOf(specs).layers('paid', layer, hour)
    expect((await by('region')).map(({ layerValue, value }) => [layerValue, value])).toEqual([['eu', 1]])
    expect((await by('service')).map(({ layerValue, value }) => [layerValue, value])).toEqual([['', 1]])
  })

  it('counts different texts over an hour, which is not the sum of its minutes', async () => {
    const specs = parseGood(ratioText('per-user', { aggregate: 'count' }, { aggregate: 'uniq(user.id)' }))
    await given(specs, [
      ...['ann', 'ben', 'ann'].map(user => span(hourStartMs, 'a', { 'user.id': user })),
      ...['ann', 'cid'].map(user => span(hourStartMs + 60_000, 'b', { 'user.id': user })),
      // Without the attribute there is nobody to count.
      span(hourStartMs + 60_000, 'b'),
    ])
    const reports = reportsOf(specs)
    expect(await overTheHour(specs, 'per-user')).toMatchObject({ numerator: 6n, denominator: 3n, value: 2 })
    const minutes = await reports.history('per-user', { ...hour, stepSeconds: 60 })
    expect(minutes.slice(0, 2).map(({ denominator }) => denominator)).toEqual([2n, 2n])
    const services = await reports.layers('per-user', 'service', hour)
    expect(services.map(({ layerValue, denominator }) => [layerValue, denominator])).toEqual([
      ['a', 2n],
      ['b', 2n],
    ])
  })

  it('takes averages, extremes and quantiles of all events of an hour, never of minutes', async () => {
    const one = { filter: 'name == "one"' }
    const texts = ['avg(duration)', 'min(duration)', 'max(duration)', 'quantile(0.9)(duration)'].map(
      (aggregate, index) => ratioText(`d${index}`, { filter: 'service.name == "a"', aggregate }, one),
    )
    const specs = parseGood(...texts)
    // 1 … 90 ms in minute 0, 1,000 ms ten times in minute 1.
    const durations = [...Array.from({ length: 90 }, (_, index) => index + 1), ...Array<number>(10).fill(1000)]
    await given(specs, [
      span(hourStartMs, 'b', {}, { name: 'one' }),
      ...durations.map((ms, index) =>
        span(hourStartMs + (index < 90 ? 0 : 60_000), 'a', {}, { durationNs: BigInt(ms) * 1_000_000n }),
      ),
    ])
    const values = await Promise.all([0, 1, 2, 3].map(async index => (await overTheHour(specs, `d${index}`))?.value))
    // Rank 89 of 0 … 99: 90 ms, within half a per cent.
    expect(values.slice(0, 3)).toEqual([140_950_000, 1_000_000, 1_000_000_000])
    expect(Math.abs((values[3] ?? 0) / 90_000_000 - 1)).toBeLessThanOrEqual(0.005)
    expect(await overTheHour(specs, 'd3')).toMatchObject({ isEstimate: true })
  })

  it('has no value where an average has nothing to be of; texts that are no numbers are none', async () => {
    const specs = parseGood(
      ratioText('mean', { aggregate: 'avg(size)' }, { aggregate: 'count' }),
      ratioText('sum', { aggregate: 'sum(size)' }, { aggregate: 'count' }),
    )
    await given(specs, [span(hourStartMs, 'a', { size: 'large' }), span(hourStartMs, 'a')])
    expect(await overTheHour(specs, 'mean')).toMatchObject({ numerator: null, denominator: 2n, value: null })
    expect(await overTheHour(specs, 'sum')).toMatchObject({ numerator: 0n, denominator: 2n, value: 0 })
    await given(specs, [span(hourStartMs, 'a', { size: '-3e1' }), span(hourStartMs, 'a', { size: 'NaN' })])
    expect(await overTheHour(specs, 'mean')).toMatchObject({ numerator: -30n, denominator: 4n, value: -7.5 })
  })

  it('leaves synthetic events out unless they are wanted', async () => {
    const specs = parseGood(
      ratioText('real', { filter: 'service.name == "payments"' }, opened),
      ratioText('all', { filter: 'service.name == "payments"' }, opened, 'includeSynthetic: true'),
    )
    await given(specs, [
      span(hourStartMs, 'payments'),
      span(hourStartMs, 'payments', { synthetic: 'true' }),
      span(hourStartMs, 'cart'),
    ])
    expect(await overTheHour(specs, 'real')).toMatchObject({ numerator: 1n, value: 1 })
    expect(await overTheHour(specs, 'all')).toMatchObject({ numerator: 2n, value: 2 })
  })

  it('shares a scan with ratios that differ in constants only', async () => {
    const names = ['a', 'b', 'c', 'd']
    const specs = parseGood(
      ...names.map(name =>
        ratioText(
          name,
          { filter: `service.name == "${name}"`, aggregate: 'sum(n)' },
          { filter: `service.name == "z"` },
        ),
      ),
    )
    expect(planVerdicts(specs).sides.map(({ members }) => members.length)).toEqual([4, 4])
    await given(specs, [
      span(hourStartMs, 'z'),
      span(hourStartMs, 'z'),
      ...names.map((name, index) => span(hourStartMs, name, { n: String(index) })),
    ])
    const values = await Promise.all(names.map(async name => (await overTheHour(specs, name))?.value))
    expect(values).toEqual([0, 0.5, 1, 1.5])
  })

  it('is given its whole past when it is new, from raw events', async () => {
    const before = parseGood(ratioText('paid', paid, opened))
    await given(before, [span(hourStartMs, 'cart'), span(hourStartMs, 'payments'), span(hourStartMs, 'payments')])
    const after = parseGood(ratioText('paid', paid, opened), ratioText('carts', opened, paid))
    const history = createHistory({
      writer: past.store().compute,
      clock,
      nextVersion,
      rowsAStep: 2,
      rawRetentionSeconds: 35 * 86_400,
      isPending: () => false,
    })
    const plan = planVerdicts(after)
    await history.register(plan)
    expect(await overTheHour(after, 'carts')).toMatchObject({ denominator: 0n, value: null })
    while ((await history.step(plan)).left > 0);
    expect(await overTheHour(after, 'carts')).toMatchObject({ numerator: 1n, denominator: 2n, value: 0.5 })
    expect(await overTheHour(after, 'paid')).toMatchObject({ numerator: 2n, denominator: 1n, value: 2 })
  })
})
