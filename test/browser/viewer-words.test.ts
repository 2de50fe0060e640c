import { describe, expect, it } from 'vitest'
import { createStandingClock, noon, startApi } from '../api/api-under-test.ts'
import { createFixtureReports } from '../api/fixture-reports.ts'
import { useViewer, wide } from './viewer-under-test.ts'

/** What it says of numbers, so that nobody takes them for more than they are. */

const { open } = useViewer()

describe('viewer', () => {
  it('names a promise that burns as the worst, not a healthy one with less of its budget left', async () => {
    const reports = createFixtureReports(createStandingClock())
    const [first, second, ...rest] = (await reports.listStatuses()).filter(
      ({ errorBudget: { remainingRatio } }) => remainingRatio > 0,
    )
    if (first === undefined || second === undefined) throw new Error('the fixture has kept promises')
    const statuses = [
      { ...first, status: 'healthy' as const },
      { ...second, status: 'burning' as const },
      ...rest.map(status => ({ ...status, status: 'healthy' as const })),
    ]
    const mixed = await startApi({ reports: { ...reports, listStatuses: async () => statuses } })
    const { page } = await open('/', wide, mixed)
    await page.getByText(/^Yes, all \d are kept/).waitFor()
    const named = reports.specs().slos.find(({ name }) => name === second.name)?.displayName
    expect(await page.locator('.summary-worst a').textContent()).toBe(named)
    await mixed.close()
  })

  it('says why nobody is told of a burn that may be chance', async () => {
    const reports = createFixtureReports(createStandingClock())
    const status = await reports.status('checkout-availability')
    if (status === undefined) throw new Error('the fixture has this SLO')
    // One of sixty requests failed: 16.7 times too fast, and no evidence of anything.
    const few = { good: 59n, valid: 60n, rate: 1 / 60 / (1 - status.objective) }
    const quiet = { ...status, burnRates: status.burnRates.map(burn => ({ ...burn, ...few })) }
    const luck = await startApi({ reports: { ...reports, status: async () => quiet } })
    const { page } = await open('/slos/checkout-availability', wide, luck)
    const rows = page.getByRole('table', { name: 'Alert conditions now' }).locator('tbody tr')
    await rows.first().waitFor()
    for (const text of await rows.allTextContents()) expect(text).toMatch(/fast enough, but may be chance$/)
    await luck.close()
  })

  it('says how many measurements a histogram leaves open', async () => {
    const { page } = await open('/slos/payments-latency')
    const note = page.getByText(/at least 9,800 and at most 9,950 were good/)
    await note.waitFor()
    expect(await note.textContent()).toContain('Of the last day’s 10,000 measurements')
  })

  it('says which part of a window its numbers are of, where that is not all of it', async () => {
    const reports = createFixtureReports(createStandingClock())
    const young = async () => {
      const status = await reports.status('checkout-availability')
      if (status === undefined) throw new Error('the fixture has this SLO')
      return { ...status, coverage: 0.2699, data: { fromMs: noon - 8 * 86_400_000, toMs: noon } }
    }
    const known = async () => ({ coverage: 0.5, data: { fromMs: noon - 3 * 3_600_000, toMs: noon } })
    const listStatuses = async () => {
      const first = await young()
      return [first, ...(await reports.listStatuses()).filter(({ name }) => name !== first.name)]
    }
    const partly = await startApi({ reports: { ...reports, status: young, known, listStatuses } })
    const { page } = await open('/', { ...wide, timezoneId: 'Europe/Berlin' }, partly)
    await page.getByText('Of 1 the data cover only a part of the window.').waitFor()
    await page.getByText('checkout, data from 15 November 2026, 13:00 on').waitFor()
    await page.getByRole('link', { name: 'Checkout works' }).click()
    await page
      .getByText(/a part of the window: data from 15 November 2026, 13:00 on\. 26\.9 % of the 30 days/)
      .waitFor()
    await page.getByText('Of the last 6 hours: data from 23 November 2026, 10:00 on.').waitFor()
    await partly.close()
  })
})
