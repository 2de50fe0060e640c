import { describe, expect, it } from 'vitest'
import { exactJson } from '../../../api/exact-json.ts'
import { planMarkdown } from '../../../cli/plan-markdown.ts'
import { planText } from '../../../cli/plan-text.ts'
import { findingsOfData } from '../../../compute/jobs/data-findings.ts'
import { planSpecs } from '../../../compute/jobs/plan-specs.ts'
import { createSpecDesk } from '../../../compute/jobs/spec-desk.ts'
import { createSpecLedger } from '../../../compute/jobs/spec-ledger.ts'
import { createSpecsInForce } from '../../../compute/jobs/specs-in-force.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { parseGood } from '../../slo-specs/parse.ts'
import { clock, hourStartMs, nowMs, opened, paid, ratioPast, span } from './ratio-past.ts'
import { ratioText } from './ratio-specs.ts'

const past = ratioPast()
const { given, overTheHour } = past

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
    const findings = await findingsOfData(past.store().reader, specs, nowMs)
    expect(findings.map(({ code, line, message }) => [code, line, message])).toEqual([
      ['SPEC_ATTRIBUTE_UNSEEN', 4, 'none of 1 traces of the last day has order.totl (did you mean order.total?)'],
      ['SPEC_SIGNAL_SILENT', 4, 'r counts logs, of which none arrived in the last day'],
    ])
  })

  it('lose none that nobody said may go, and say what changed', async () => {
    const ledger = createSpecLedger({ writer: past.store().writer, clock })
    const inForce = createSpecsInForce({ ledger, logger: silentLogger })
    const desk = createSpecDesk({ reader: past.store().reader, ledger, inForce, clock })
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
    const { ratios } = await planSpecs({ reader: past.store().reader, clock }, sets, { days: 1 })
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
