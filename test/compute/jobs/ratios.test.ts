import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { exactJson } from '../../../api/exact-json.ts'
import { planMarkdown } from '../../../cli/plan-markdown.ts'
import { planText } from '../../../cli/plan-text.ts'
import { findingsOfData } from '../../../compute/jobs/data-findings.ts'
import { createHistory } from '../../../compute/jobs/history.ts'
import { planSpecs } from '../../../compute/jobs/plan-specs.ts'
import { createRollup } from '../../../compute/jobs/rollup.ts'
import { createSpecDesk } from '../../../compute/jobs/spec-desk.ts'
import { createSpecLedger } from '../../../compute/jobs/spec-ledger.ts'
import { createSpecsInForce } from '../../../compute/jobs/specs-in-force.ts'
import { planVerdicts } from '../../../compute/jobs/verdict-plan.ts'
import { createVersions } from '../../../compute/jobs/versions.ts'
import { createRatioReports } from '../../../compute/reports/ratio-reports.ts'
import { silentLogger } from '../../../lib/logger.ts'
import type { SpecSet } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import { parse, parseGood } from '../../slo-specs/parse.ts'
import type { TestSpan } from './evaluate-filter.ts'
import { cumulative, delta, insertCounters, insertGauges, rowOf } from './metric-points.ts'
import { ratioText } from './ratio-specs.ts'
import { forgetRollups } from './rollup-oracle.ts'
import { insertSpans, openTestStore } from './spans.ts'

let store: Store
let close: () => Promise<void>
beforeAll(async () => {
  ;({ store, close } = await openTestStore())
})
afterAll(() => close())
beforeEach(() => forgetRollups(store))

const hourMs = 3_600_000
const nowMs = Math.floor(Date.now() / hourMs) * hourMs + 30_000
/** A whole hour that is over. */
const hourStartMs = nowMs - 30_000 - hourMs
const clock = { now: () => nowMs, sleep: async () => {} }
const nextVersion = createVersions(clock, 0n)

function span(atMs: number, service: string, attributes: Record<string, string> = {}, more: Partial<TestSpan> = {}) {
  const resource = { 'service.name': service, 'cloud.region': 'eu', ...more.resource }
  return { atMs, name: 'op', kind: 'Server', status: 'Unset', durationNs: 5_000_000n, attributes, ...more, resource }
}

function rollupOf(rowsATick = 1_000_000) {
  return createRollup({ writer: store.compute, clock, nextVersion, rowsATick, rawRetentionSeconds: 35 * 86_400 })
}

async function rollUp(specs: SpecSet): Promise<void> {
  const rollup = rollupOf()
  const plan = planVerdicts(specs)
  while ((await rollup.tick(plan)).pendingMinutes > 0);
}

let blocks = 0
async function given(specs: SpecSet, spans: readonly TestSpan[]): Promise<void> {
  await insertSpans(store.writer, spans, `block-${blocks++}`)
  await rollUp(specs)
}

const reportsOf = (specs: SpecSet) => createRatioReports({ reader: store.reader, specs: () => specs, clock })
const hour = { fromMs: hourStartMs, toMs: hourStartMs + hourMs }

async function overTheHour(specs: SpecSet, name: string) {
  const [point, ...more] = await reportsOf(specs).history(name, { ...hour, stepSeconds: 3600 })
  expect(more).toEqual([])
  return point
}

const paid = { filter: 'service.name == "payments" && status != "Error"' }
const opened = { filter: 'service.name == "cart"' }

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
    await insertSpans(store.writer, first, 'first')
    await rollUp(specs)
    await insertSpans(store.writer, first, 'first')
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
      writer: store.compute,
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
    await insertGauges(store.writer, [at('a', 0, 0.1), at('a', 60, 0.2), at('b', 0, 2.7)])
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
    await insertSpans(store.writer, [span(hourStartMs, 'cart')], `block-${blocks++}`)
    // 0.1, then 0.9 more, and 0.2 of a new process.
    await insertCounters(store.writer, [revenue(0, 0.1), revenue(120, 1), revenue(180, 0.2, 150)])
    await insertCounters(store.writer, [order(0, 3), order(60, 1), order(60, 1)])
    await rollUp(specs)
    const whole = { numerator: 1.2, denominator: 4n, value: 0.3 }
    expect(await overTheHour(specs, 'revenue')).toMatchObject(whole)
    const numerators = async () =>
      (await reportsOf(specs).history('revenue', { ...hour, stepSeconds: 60 })).slice(0, 4).map(each => each.numerator)
    expect(await numerators()).toEqual([0.1, 0n, 0.9, 0.2])
    // A late point tells when it was counted, not how much.
    await insertCounters(store.writer, [revenue(60, 0.4)])
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

describe('a changed ratio', () => {
  it('is a new revision; other words are not', () => {
    const revision = (text: string) => parseGood(text).ratios[0]?.revision
    const was = revision(ratioText('r', paid, opened))
    expect(revision(ratioText('r', paid, opened, 'unit: EUR, description: Words.'))).toBe(was)
    expect(revision(ratioText('r', { filter: `  ${paid.filter}` }, opened))).toBe(was)
    for (const text of [
      ratioText('r', opened, paid),
      ratioText('r', { ...paid, aggregate: 'sum(n)' }, opened),
      ratioText('r', paid, opened, 'layers: [region]'),
      ratioText('r', paid, opened, 'includeSynthetic: true'),
    ])
      expect(revision(text)).not.toBe(was)
  })
})

describe('specs with ratios', () => {
  it('are held against the data: attributes that nothing has, signals that do not arrive', async () => {
    await given(parseGood(), [span(hourStartMs, 'a', { 'order.total': '1' })])
    const specs = parseGood(
      ratioText('r', { aggregate: 'sum(order.totl)' }, { signal: 'logs' }),
      ratioText(
        'good',
        { aggregate: 'sum(order.total)' },
        { filter: 'cloud.region == "eu"', aggregate: 'avg(duration)' },
      ),
    )
    const findings = await findingsOfData(store.reader, specs, nowMs)
    expect(findings.map(({ code, line, message }) => [code, line, message])).toEqual([
      ['SPEC_ATTRIBUTE_UNSEEN', 4, 'none of 1 traces of the last day has order.totl (did you mean order.total?)'],
      ['SPEC_SIGNAL_SILENT', 4, 'r counts logs, of which none arrived in the last day'],
    ])
  })

  it('lose none that nobody said may go, and say what changed', async () => {
    const ledger = createSpecLedger({ writer: store.writer, clock })
    const inForce = createSpecsInForce({ ledger, logger: silentLogger })
    const desk = createSpecDesk({ reader: store.reader, ledger, inForce, clock })
    const origin = { path: '', author: 'ann', commit: '', message: '' }
    const files = (...texts: string[]) => texts.map((text, index) => ({ file: `${index}.yaml`, text }))
    const first = await desk.apply(files(ratioText('r', paid, opened)), origin, { prune: false })
    const other = files(ratioText('other', paid, opened))
    expect(await desk.apply(other, origin, { prune: false })).toMatchObject({
      outcome: 'would-remove',
      removed: ['ratio r'],
    })
    const second = await desk.apply(other, origin, { prune: true })
    if (!('revision' in first) || !('revision' in second)) throw new Error('not applied')
    const diff = await desk.diff(first.revision, second.revision)
    expect(diff?.ratios.map(({ name, kind }) => [name, kind])).toEqual([
      ['other', 'added'],
      ['r', 'removed'],
    ])
  })
})

describe('a plan', () => {
  it('shows a changed ratio with what it comes to over the last day, before and after, and writes nothing', async () => {
    const [r, s] = [ratioText('r', paid, opened), ratioText('same', opened, paid)]
    const before = parseGood(r, s, ratioText('old', paid, paid))
    const perItem = { ...opened, aggregate: 'sum(items)' }
    const after = parseGood(ratioText('r', paid, perItem, 'unit: orders'), s, ratioText('new', perItem, opened))
    await given(before, [
      span(hourStartMs, 'payments'),
      span(hourStartMs, 'cart', { items: '3' }),
      span(hourStartMs, 'cart', { items: '1.5' }),
    ])
    const sets = { before, after }
    const { ratios } = await planSpecs({ reader: store.reader, clock }, sets, { days: 1 })
    const quotient = (value: number, numerator: number | bigint, denominator: number | bigint) => ({
      ...{ value, numerator, denominator },
      isEstimate: false,
    })
    expect(ratios).toEqual([
      { name: 'new', kind: 'added', fields: [], before: null, after: quotient(2.25, 4.5, 2n) },
      { name: 'old', kind: 'removed', fields: [], before: quotient(1, 1n, 1n), after: null },
      {
        name: 'r',
        kind: 'changed',
        fields: [
          {
            field: 'denominator',
            touches: 'counts',
            before: 'count of traces where service.name == "cart"',
            after: 'sum(items) of traces where service.name == "cart"',
          },
          { field: 'unit', touches: 'words', before: '', after: 'orders' },
        ],
        before: quotient(0.5, 1n, 2n),
        after: quotient(1 / 4.5, 1n, 4.5),
      },
    ])
    const empty = {
      slos: [],
      unchanged: 0,
      ratios,
      from: new Date(nowMs).toISOString(),
      to: new Date(nowMs).toISOString(),
    }
    const plan = JSON.parse(exactJson({ ...empty, beforeRevision: '', afterRevision: '' }))
    await expect(`${planText(plan).join('\n')}\n`).toMatchFileSnapshot('golden/plan-ratios.txt')
    await expect(`${planMarkdown(plan).join('\n')}\n`).toMatchFileSnapshot('golden/plan-ratios.md')
    expect(await overTheHour(after, 'r')).toMatchObject({ value: null })
  })
})

/** Numbers of up to six digits after the point, as senders write them. */
const numbers = fc.integer({ min: -1_000_000, max: 1_000_000_000 }).map(units => (units / 1e6).toFixed(6))
const events = fc.record({
  secondsAgo: fc.integer({ min: 1, max: 2 * 86_400 }),
  region: fc.constantFrom('eu', 'us', ''),
  user: fc.constantFrom('ann', 'ben', 'cid', 'dee'),
  size: fc.option(numbers, { nil: undefined }),
})

it('any order of arrival gives what a plain count over all events gives, in total and by layer', async () => {
  const specs = parseGood(
    ratioText('sum', { aggregate: 'sum(size)' }, { aggregate: 'uniq(user.id)' }),
    ratioText('extremes', { aggregate: 'max(size)' }, { aggregate: 'count' }),
  )
  const batches = fc.array(fc.array(events, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(batches, async drawn => {
      await forgetRollups(store)
      for (const batch of drawn)
        await given(
          specs,
          batch.map(({ secondsAgo, region, user, size }) =>
            span(
              nowMs - secondsAgo * 1000,
              'a',
              { 'user.id': user, ...(size === undefined ? {} : { size }) },
              { resource: { 'cloud.region': region } },
            ),
          ),
        )
      const all = drawn.flat()
      const units = (of: typeof all) =>
        of.reduce((sum, { size }) => sum + BigInt(Math.round(Number(size ?? 0) * 1e6)), 0n)
      const range = { fromMs: nowMs - 3 * 86_400_000, toMs: nowMs }
      const rows = await reportsOf(specs).layers('sum', 'region', range)
      for (const region of new Set(all.map(each => each.region))) {
        const mine = all.filter(each => each.region === region)
        const row = rows.find(({ layerValue }) => layerValue === region)
        expect(row?.denominator).toBe(BigInt(new Set(mine.map(({ user }) => user)).size))
        expect(Math.round(Number(row?.numerator) * 1e6)).toBe(Number(units(mine)))
      }
      const points = await reportsOf(specs).history('extremes', { ...range, stepSeconds: 86_400 })
      const counted = points.reduce((sum, { denominator }) => sum + Number(denominator), 0)
      expect(counted).toBe(all.length)
      const sizes = all.flatMap(({ size }) => (size === undefined ? [] : [Number(size)]))
      const greatest = points.flatMap(({ numerator }) => (numerator === null ? [] : [Number(numerator)]))
      expect(greatest.length === 0 ? null : Math.max(...greatest)).toBe(sizes.length === 0 ? null : Math.max(...sizes))
    }),
    { numRuns: 5 },
  )
})
