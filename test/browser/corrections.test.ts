import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Listening } from '../../api/server.ts'
import { createEvaluator } from '../../compute/jobs/evaluator.ts'
import { createReports } from '../../compute/reports/create-reports.ts'
import { silentLogger } from '../../lib/logger.ts'
import { startApi } from '../api/api-under-test.ts'
import type { TestSpan } from '../compute/jobs/evaluate-filter.ts'
import { insertSpans, openTestStore } from '../compute/jobs/spans.ts'
import { type BrowserUnderTest, launchBrowser } from '../factories/browser.ts'
import { parseGood, service, sloText } from '../slo-specs/parse.ts'
import { findBarriers } from './accessibility.ts'

/**
 * Corrections and budget policies in the viewer, over the real engine: ten requests a minute over three hours. All fail from two hours ago on for
 * half an hour; the first twenty minutes of that are corrected, so ten minutes of the 160 that are left are bad.
 */
const screenshots = process.env.NINEFOLD_SCREENSHOTS ?? join(tmpdir(), 'ninefold-screenshots')
const nowMs = Math.floor(Date.now() / 60_000) * 60_000
const clock = { now: () => nowMs, sleep: async () => {} }
const minutesAgo = (minutes: number) => nowMs - minutes * 60_000
const spans = Array.from({ length: 1800 }, (_, index): TestSpan => {
  const atMs = minutesAgo(180) + index * 6000
  const fails = atMs >= minutesAgo(120) && atMs < minutesAgo(90)
  return {
    ...{ atMs, name: 'POST /pay', kind: 'Server', status: fails ? 'Error' : 'Unset', durationNs: 1n },
    resource: { 'service.name': 'shop', 'cloud.region': 'eu' },
    attributes: {},
  }
})
const definition = (kind: string, spec: string) =>
  `apiVersion: ninefold.dev/v1\nkind: ${kind}\nmetadata: {name: move}\nspec: {slos: [checkout], ${spec}}\n`
const time = (minutes: number) => new Date(minutesAgo(minutes)).toISOString()
const specs = parseGood(
  service,
  sloText({ window: '3h', objective: '{target: 0.95}' }),
  definition(
    'Correction',
    `reason: The data centre moves., approver: head of operations, timeRange: {from: "${time(120)}", to: "${time(100)}"}`,
  ),
  definition('BudgetPolicy', 'steps: [{remaining: 0.5, action: review, message: Two people look at each change.}]'),
)

let api: Listening
let browser: BrowserUnderTest
let close: () => Promise<void>
beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true })
  const opened = await openTestStore()
  close = opened.close
  const { store } = opened
  await insertSpans(store.writer, spans, 'all')
  const evaluator = createEvaluator({
    ...{ store, specs: () => specs, senders: [], clock },
    ...{ logger: silentLogger, meter: createNoopMeter() },
  })
  for (;;) {
    const { pendingMinutes, historyLeft } = await evaluator.tick()
    if (pendingMinutes === 0 && historyLeft === 0) break
  }
  await evaluator.stop()
  api = await startApi({ reports: createReports({ reader: store.reader, specs: () => specs, clock }), clock })
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  await api.close()
  await close()
})

it('an SLO shows what is left out of it as a region with its reason, and what its budget policy says', async () => {
  const { page, troubles, close: closePage } = await browser.open({ viewport: { width: 1280, height: 860 } })
  await page.goto(new URL('/slos/checkout?range=6h', api.url).href)
  await page.getByRole('heading', { level: 1, name: 'checkout' }).waitFor()
  // 1,500 of 1,600: 93.75 %, so 125 % of the budget is spent.
  expect(await page.locator('.facts').textContent()).toContain('SLI93.75 %')
  expect(await page.locator('[data-key=policy]').textContent()).toBe(
    'Review changes: Two people look at each change. (move)',
  )
  const note = page.locator('details.corrections')
  await note.getByText('1 correction applies to the 3 hours.').click()
  expect(await note.getByRole('listitem').allTextContents()).toEqual([
    `move: The data centre moves. Approved by head of operations. Left out: ${time(120)} to ${time(100)}.`,
  ])
  await page.getByRole('img', { name: /^Error budget left/ }).waitFor()
  const chart = page.locator('[data-chart=budget]')
  await chart.getByText('The numbers as a table').click()
  const marks = await chart.locator('.chart-marks li').allTextContents()
  expect(marks[0]).toMatch(/^Corrected: move: .+ to .+\. The data centre moves\.$/)
  await chart.getByText('The numbers as a table').click()
  await page.evaluate('scrollTo(0, 0)')
  await page.screenshot({ path: join(screenshots, 'corrections.png'), fullPage: true })
  expect(await findBarriers(page)).toEqual([])
  expect(troubles).toEqual([])
  await closePage()
})
