import { getDocumentProxy } from 'unpdf'
import { describe, expect, it } from 'vitest'
import { periodPdf } from '../../api/pdf/period-pdf.ts'
import { incidentTable, promiseTable, sectionsOf, sentencesOf } from '../../api/period-tables.ts'
import type { PeriodReply } from '../../api/schemas/period-replies.ts'
import { keptPromise, periodReply, quietReply } from '../factories/period-reply.ts'

interface Structure {
  readonly role?: string
  readonly alt?: string
  readonly lang?: string
  readonly children?: readonly Structure[]
}

/** What a reader of PDF files finds in one. */
async function read(report: PeriodReply, viewerUrl: string | null = null) {
  const file = await periodPdf(report, viewerUrl)
  const document = await getDocumentProxy(new Uint8Array(file))
  const pages: string[] = []
  const links: string[] = []
  const elements: Structure[] = []
  const collect = (element: Structure) => {
    elements.push(element)
    for (const child of element.children ?? []) collect(child)
  }
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number)
    const { items } = await page.getTextContent()
    pages.push(items.map(item => ('str' in item ? item.str : '')).join(''))
    links.push(...(await page.getAnnotations()).map(({ url }) => String(url)))
    const tree = (await page.getStructTree()) as Structure | null
    if (tree !== null) collect(tree)
  }
  const { info } = await document.getMetadata()
  return { file, pages, links, info, roles: elements.map(({ role }) => role), elements }
}

/** Without spaces: where a line is broken is no matter here. */
const dense = (...texts: readonly string[]) => texts.join('').replaceAll(/[\s\p{Cc}]/gu, '')

describe('a report as a PDF', () => {
  it('answers on its first page, and has every word and number that the other formats have', async () => {
    const { pages, info, roles, elements } = await read(periodReply)
    const { question, span, answer, trend, silence } = sentencesOf(periodReply)
    const [first = '', ...others] = pages.map(page => dense(page))
    expect(
      first.startsWith(dense(span, question, answer, '1 kept', '1 missed', '2 without data', trend, silence)),
    ).toBe(true)
    for (const row of [...promiseTable(periodReply).rows, ...incidentTable(periodReply).rows])
      expect(first).toContain(dense(...row))
    const all = [first, ...others].join('')
    for (const { title, head, rows } of sectionsOf(periodReply)) {
      expect(all).toContain(dense(title))
      for (const row of [head, ...rows]) expect(all).toContain(dense(...row))
    }
    expect(all).toContain(dense('Made at 2026-11-27T12:00:00.000Z by Ninefold.', `Page 1 of ${pages.length}`))
    expect(info).toMatchObject({
      ...{ Title: `${question} ${span}`, Language: 'en-GB', PDFFormatVersion: '1.7', Creator: 'Ninefold' },
      ...{ CreationDate: 'D:20261127120000Z', IsAcroFormPresent: false, IsXFAPresent: false },
    })
    expect(roles.filter(role => role === 'Table')).toHaveLength(5)
    expect(roles).toEqual(expect.arrayContaining(['H1', 'H2', 'TH', 'TD', 'Figure']))
    expect(elements.find(({ role }) => role === 'Figure')?.alt).toBe('How the budget went over the period; one page')
  })

  it('is the same to the byte for the same report, carries its fonts, and asks for nothing', async () => {
    const file = Buffer.from(await periodPdf(periodReply, null))
    expect(file.equals(await periodPdf(periodReply, null))).toBe(true)
    const text = file.toString('latin1')
    expect(text.match(/\/FontFile2 /g)).toHaveLength(2)
    expect(text).not.toMatch(/\/(URI|JavaScript|JS|Launch|EmbeddedFiles|GoToR|OpenAction|Helvetica)\b/)
  })

  it('repeats the heads of a table on each of its pages, and tells them from each other', async () => {
    const slos = Array.from({ length: 200 }, (_, index) => keptPromise(`promise-${index}`, {}))
    const incidents = Array.from({ length: 30 }, (_, index) => ({ ...periodReply.incidents, slo: `promise-${index}` }))
    const one = periodReply.incidents[0]
    const { pages } = await read({
      ...{ ...periodReply, slos, kept: 200, missed: 0, withoutData: 0 },
      incidents: one === undefined ? [] : incidents.map(({ slo }) => ({ ...one, slo })),
    })
    const { head } = promiseTable(periodReply)
    const [first = '', ...others] = pages.map(page => dense(page))
    const withPromises = others.filter(page => page.includes('promise-') && page.includes(dense(...head)))
    expect(withPromises.length).toBeGreaterThan(5)
    expect(first).toContain(dense('All 200 promises are on the next pages.'))
    expect(first).toContain(dense('All 30 incidents are on the next pages.'))
    const table = withPromises.join('')
    for (const { name } of slos) expect(table).toContain(`${name}kept`)
    for (const [index, page] of [first, ...others].entries())
      expect(page).toContain(dense(`Page ${index + 1} of ${pages.length}`))
  })

  it('shows names in any script, spells what no font has, and leaves out what would only disguise', async () => {
    const names = ['Žluťoučký Ωmega Привет', '注文サービス', '결제 서비스', 'नमस्ते 🚀', 'שלום', 'x'.repeat(500)]
    const odd = ['\u{20000} and \u{e123}', '\u202egnp.exe\u200b']
    const slos = [...names, ...odd].map((displayName, index) => keptPromise(`n${index}`, { displayName }))
    const text = dense((await read({ ...periodReply, slos })).pages.join(''))
    for (const name of names) expect(text).toContain(dense(name))
    expect(text).toContain('[U+20000]and[U+E123]')
    expect(text).toContain('gnp.exekept')
  })

  it('breaks off a text that would fill a page, and says where the rest is', async () => {
    const [revision] = periodReply.revisions
    if (revision === undefined) throw new Error('the fixture has a revision')
    const { pages } = await read({ ...periodReply, revisions: [{ ...revision, message: 'because '.repeat(9999) }] })
    expect(pages.length).toBeLessThan(5)
    expect(dense(...pages)).toContain('…(allofitisintheJSON)')
  })

  it('links promises and incidents to the viewer where it has an address', async () => {
    const { links, roles } = await read(periodReply, 'https://slo.example.org')
    expect(new Set(links)).toEqual(
      new Set(['orders', 'checkout', 'refunds', 'old'].map(name => `https://slo.example.org/slos/${name}`)),
    )
    expect(roles).toContain('Link')
  })

  it('says that all is well, that nothing was counted, and that nothing was promised', async () => {
    const quiet = (await read(quietReply)).pages.join('')
    expect(dense(quiet)).toContain(dense('Yes, the only promise was kept.', '1 kept', 'Compared'))
    expect(dense(quiet)).toContain(dense('Nobody was paged.'))
    const { pages } = await read({ ...quietReply, kept: 0, slos: [] })
    expect(dense(...pages)).toContain(dense('Nothing was promised.'))
    expect(dense(...pages)).toContain(dense('There are no SLOs.'))
  })
})
