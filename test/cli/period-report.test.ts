import { describe, expect, it } from 'vitest'
import type { PeriodReply } from '../../api/schemas/period-replies.ts'
import { reportCommand } from '../../cli/commands/report.ts'
import { periodCsv } from '../../cli/period-csv.ts'
import { periodMarkdown } from '../../cli/period-markdown.ts'
import { periodPage } from '../../cli/period-page.ts'
import { keptPromise, nothingCounted, periodReply, quietReply } from '../factories/period-reply.ts'
import { runCommand } from './commands/run-command.ts'

describe('a report', () => {
  it('answers in its first lines, and never shows a missed SLI as its target', async () => {
    const [title, , answer] = periodMarkdown(periodReply)
    expect(title).toBe('# Did we keep our promises? November 2026 (Europe/Berlin), so far: until 27 Nov 13:00')
    expect(answer).toBe(
      '**No, 1 of 2 promises was missed.** Of 1 promise nothing was counted. Of 1 promise the data cover only a part of it: data from 3 November 2026, 10:00 on. Of 1 promise the period is past what is kept on record. Compared with October 2026: 0 better, 1 worse, 1 as before; 1 page instead of 3.',
    )
    await expect(`${periodMarkdown(periodReply).join('\n')}\n`).toMatchFileSnapshot('golden/report.md')
  })

  it('is a page by itself in which texts stay texts', async () => {
    const page = periodPage(periodReply).join('\n')
    expect(page).toContain('Orders &lt;/td&gt;&lt;script&gt;')
    expect(page).not.toMatch(/<script|src=|href=|url\(/)
    expect(page.match(/<svg/g)).toHaveLength(2)
    await expect(`${page}\n`).toMatchFileSnapshot('golden/report.html')
  })

  it('gives an auditor every number unrounded, and no spreadsheet a formula', async () => {
    const [head = '', ...rows] = periodCsv(periodReply)
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
    await expect(`${periodCsv(periodReply).join('\n')}\n`).toMatchFileSnapshot('golden/report.csv')
  })

  it('puts no document on a terminal, and names the formats', async () => {
    const run = (format: string) => runCommand(reportCommand, '--period', '2026-11', '--format', format)
    await expect(run('pdf')).rejects.toThrow('a PDF is not for a terminal: send it to a file, such as > report.pdf')
    await expect(run('docx')).rejects.toThrow('--format is one of md, html, pdf, csv, json')
  })

  it('says in words that all is well, that nothing was counted, and that nothing was promised', () => {
    const answer = (of: PeriodReply) => periodMarkdown(of)[2]
    expect(answer(quietReply)).toMatch(
      /^\*\*Yes, the only promise was kept\.\*\* Compared with October 2026: .*; 0 pages instead of 3\.$/,
    )
    expect(periodMarkdown(quietReply)).toContain('Nobody was paged.')
    const { before: former } = periodReply
    const silent = keptPromise('refunds', { ...nothingCounted, kept: null, spent: [], trend: null })
    expect(answer({ ...quietReply, kept: 0, slos: [silent], before: former })).toBe(
      '**Nothing was counted.** Of 1 promise nothing was counted. There is nothing to compare with: nothing was counted in October 2026.',
    )
    const empty = { ...quietReply, kept: 0, slos: [] }
    expect(answer(empty)).toContain('**Nothing was promised.**')
    expect(periodMarkdown(empty)).toContain('There are no SLOs.')
    expect(periodPage(empty).join('\n')).toContain('<p>There are no SLOs.</p>')
  })

  it('names what it leaves out', () => {
    const slos = Array.from({ length: 120 }, (_, index) => keptPromise(`slo-${index}`, {}))
    const text = periodMarkdown({ ...periodReply, slos, incidentsOmitted: 7, revisionsOmitted: 2 }).join('\n')
    expect(text).toContain('20 more, with more budget left or without data, are in the CSV and the JSON.')
    expect(text).toContain('7 or more older ones are not listed.')
    expect(periodCsv({ ...periodReply, slos })).toHaveLength(1 + 120 + 2)
  })
})
