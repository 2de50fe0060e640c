import { describe, expect, it } from 'vitest'
import type { PeriodReply } from '../../api/schemas/period-replies.ts'
import { periodCsv } from '../../cli/period-csv.ts'
import { periodPage } from '../../cli/period-page.ts'
import { periodMarkdown } from '../../cli/period-tables.ts'

/** A month as the API answers: one promise missed by a hair, one kept, one without data; hostile texts where people write texts. */
const evil = '</td><script>alert(1)</script>|`*\u001b[31m'
const slo = (name: string, more: Partial<PeriodReply['slos'][number]>): PeriodReply['slos'][number] => ({
  ...{
    name,
    displayName: '',
    service: 'shop',
    objective: 0.999,
    objectiveText: '0.999',
    budgetingMethod: 'Occurrences',
  },
  ...{
    good: 9990,
    valid: 10_000,
    sli: 0.999,
    coverage: 1,
    data: { from: '2026-10-31T23:00:00.000Z', to: '2026-11-27T12:00:00.000Z' },
    inconsistent: false,
    revision: 'r1',
    retained: true,
    kept: true,
  },
  errorBudget: { allowed: 10, consumed: 10, remaining: 0, remainingRatio: 0 },
  corrections: [],
  ...{ spent: [0.5, 1], trend: 'same', before: { good: 999, valid: 1000, sli: 0.999, remainingRatio: 0 } },
  ...more,
})
const nothing = { good: 0, valid: 0, sli: null }
const report: PeriodReply = {
  ...{ period: '2026-11', from: '2026-10-31T23:00:00.000Z', to: '2026-11-30T23:00:00.000Z', timeZone: 'Europe/Berlin' },
  ...{ until: '2026-11-27T12:00:00.000Z', isRunning: true, kept: 1, missed: 1, withoutData: 2, incidentsOmitted: 0 },
  before: { period: '2026-10', from: '2026-09-30T22:00:00.000Z', to: '2026-10-31T23:00:00.000Z', incidents: 3 },
  ...{ revision: '5f0e7c2a91d34b68', partEnds: ['2026-11-14T23:00:00.000Z', '2026-11-27T12:00:00.000Z'] },
  slos: [
    slo('orders', {
      ...{ displayName: `Orders ${evil}`, good: 99_899_999, valid: 100_000_000, sli: 0.99899999, kept: false },
      errorBudget: { allowed: 100_000, consumed: 100_001, remaining: -1, remainingRatio: -0.00001 },
      ...{ spent: [0.2, 1.00001], trend: 'worse' },
      corrections: [
        {
          ...{ name: 'maintenance', description: '', reason: 'Agreed with <all>', approver: 'Grace', occurrences: 1 },
          leavesOut: 'all events, once',
          spans: [{ from: '2026-11-03T01:00:00.000Z', to: '2026-11-03T02:00:00.000Z' }],
        },
      ],
    }),
    slo('checkout', {
      coverage: 0.98,
      data: { from: '2026-11-03T09:00:00.000Z', to: '2026-11-27T12:00:00.000Z' },
    }),
    slo('refunds', {
      ...nothing,
      data: null,
      kept: null,
      spent: [],
      trend: null,
      before: { ...nothing, remainingRatio: null },
    }),
    slo('old', { ...nothing, data: null, kept: null, spent: [], trend: null, retained: false }),
  ],
  incidents: [
    {
      ...{ slo: 'orders', service: 'shop', dedupKey: 'orders/page/2026-11-09T04:04', suspectVersion: '1.5.0' },
      ...{ firedAt: '2026-11-09T04:04:00.000Z', resolvedAt: '2026-11-09T04:39:00.000Z', durationSeconds: 2100 },
      burningLayers: [{ layer: 'availability_zone', value: 'eu-1b', bad: 93, valid: 100, shareOfBad: 0.93 }],
      budgetShare: 0.56901,
      paged: [
        { target: 'on-call', state: 'sent' },
        { target: 'second', state: 'rejected' },
      ],
    },
  ],
  revisions: [
    {
      ...{
        revision: 'abc123',
        appliedAt: '2026-11-20T09:00:00.000Z',
        source: 'apply',
        author: 'Ada',
        commit: '0f1e2d',
      },
      ...{ message: '=HYPERLINK("http://x")', isFirst: false },
      changes: [
        {
          ...{ name: 'orders', kind: 'changed' },
          fields: [{ field: 'objective', before: '0.99', after: '0.999', touches: 'budget' }],
        },
      ],
    },
  ],
  revisionsOmitted: 0,
  evaluatedAt: '2026-11-27T12:00:00.000Z',
}

const quiet: PeriodReply = {
  ...report,
  kept: 1,
  missed: 0,
  withoutData: 0,
  slos: [slo('checkout', {})],
  incidents: [],
  revisions: [],
}

describe('a report', () => {
  it('answers in its first lines, and never shows a missed SLI as its target', async () => {
    const [title, , answer] = periodMarkdown(report)
    expect(title).toBe('# Did we keep our promises? November 2026 (Europe/Berlin), so far: until 27 Nov 13:00')
    expect(answer).toBe(
      '**No, 1 of 2 promises was missed.** Of 1 promise nothing was counted. Of 1 promise the data cover only a part of it: data from 3 November 2026, 10:00 on. Of 1 promise the period is past what is kept on record. Compared with October 2026: 0 better, 1 worse, 1 as before; 1 page instead of 3.',
    )
    await expect(`${periodMarkdown(report).join('\n')}\n`).toMatchFileSnapshot('golden/report.md')
  })

  it('is a page by itself in which texts stay texts', async () => {
    const page = periodPage(report).join('\n')
    expect(page).toContain('Orders &lt;/td&gt;&lt;script&gt;')
    expect(page).not.toMatch(/<script|src=|href=|url\(/)
    expect(page.match(/<svg/g)).toHaveLength(2)
    await expect(`${page}\n`).toMatchFileSnapshot('golden/report.html')
  })

  it('gives an auditor every number unrounded, and no spreadsheet a formula', async () => {
    const [head = '', ...rows] = periodCsv(report)
    const columns = head.split(',')
    const cell = (row: string | undefined, name: string) => row?.split(',')[columns.indexOf(name)]
    expect(rows.map(row => cell(row, 'record'))).toEqual([
      ...Array(4).fill('promise'),
      'incident',
      'correction',
      'revision',
    ])
    const names = [
      'good',
      'valid',
      'objective',
      'sli',
      'coverage',
      'revision',
      'budget_remaining_ratio',
      'specs_revision',
    ]
    const exact = ['99899999', '100000000', '0.999', '0.99899999', '1', 'r1', '-0.00001', '5f0e7c2a91d34b68']
    expect(names.map(name => cell(rows[0], name))).toEqual(exact)
    expect([cell(rows[2], 'sli'), cell(rows[2], 'kept'), cell(rows[3], 'retained')]).toEqual(['', '', 'false'])
    expect(rows[5]).toContain('maintenance,"all events, once",Agreed with <all>,Grace')
    expect(rows[6]).toContain(`Ada,0f1e2d,"'=HYPERLINK(""http://x"")",changed,objective,0.99,0.999`)
    await expect(`${periodCsv(report).join('\n')}\n`).toMatchFileSnapshot('golden/report.csv')
  })

  it('says in words that all is well, that nothing was counted, and that nothing was promised', () => {
    const answer = (of: PeriodReply) => periodMarkdown(of)[2]
    expect(answer(quiet)).toMatch(
      /^\*\*Yes, the only promise was kept\.\*\* Compared with October 2026: .*; 0 pages instead of 3\.$/,
    )
    expect(periodMarkdown(quiet)).toContain('Nobody was paged.')
    const { before: former } = report
    const silent = slo('refunds', { ...nothing, kept: null, spent: [], trend: null })
    expect(answer({ ...quiet, kept: 0, slos: [silent], before: former })).toBe(
      '**Nothing was counted.** Of 1 promise nothing was counted. There is nothing to compare with: nothing was counted in October 2026.',
    )
    const empty = { ...quiet, kept: 0, slos: [] }
    expect(answer(empty)).toContain('**Nothing was promised.**')
    expect(periodMarkdown(empty)).toContain('There are no SLOs.')
    expect(periodPage(empty).join('\n')).toContain('<p>There are no SLOs.</p>')
  })

  it('names what it leaves out', () => {
    const slos = Array.from({ length: 120 }, (_, index) => slo(`slo-${index}`, {}))
    const text = periodMarkdown({ ...report, slos, incidentsOmitted: 7, revisionsOmitted: 2 }).join('\n')
    expect(text).toContain('20 more, with more budget left or without data, are in the CSV and the JSON.')
    expect(text).toContain('7 or more older ones are not listed.')
    expect(periodCsv({ ...report, slos })).toHaveLength(1 + 120 + 2)
  })
})
