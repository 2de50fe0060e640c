import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { createRollup } from '../../../compute/jobs/rollup.ts'
import { planVerdicts } from '../../../compute/jobs/verdict-plan.ts'
import { createVersions } from '../../../compute/jobs/versions.ts'
import { createRatioReports } from '../../../compute/reports/ratio-reports.ts'
import type { SpecSet } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import type { TestSpan } from './evaluate-filter.ts'
import { forgetRollups } from './rollup-oracle.ts'
import { insertSpans, openTestStore } from './spans.ts'

const hourMs = 3_600_000
export const nowMs = Math.floor(Date.now() / hourMs) * hourMs + 30_000
/** A whole hour that is over. */
export const hourStartMs = nowMs - 30_000 - hourMs
export const hour = { fromMs: hourStartMs, toMs: hourStartMs + hourMs }
export const clock = { now: () => nowMs, sleep: async () => {} }
export const nextVersion = createVersions(clock, 0n)

export const paid = { filter: 'service.name == "payments" && status != "Error"' }
export const opened = { filter: 'service.name == "cart"' }

export function span(
  atMs: number,
  service: string,
  attributes: Record<string, string> = {},
  more: Partial<TestSpan> = {},
) {
  const resource = { 'service.name': service, 'cloud.region': 'eu', ...more.resource }
  return { atMs, name: 'op', kind: 'Server', status: 'Unset', durationNs: 5_000_000n, attributes, ...more, resource }
}

/** A store for the suites of a file, without roll-ups before each of them, and what they do to it. */
export function ratioPast() {
  let test: Awaited<ReturnType<typeof openTestStore>> | undefined
  let blocks = 0
  const store = (): Store => {
    if (test === undefined) throw new Error('the store is not open yet')
    return test.store
  }
  beforeAll(async () => {
    test = await openTestStore()
  })
  afterAll(() => test?.close())
  beforeEach(() => forgetRollups(store()))

  const rollUp = async (specs: SpecSet): Promise<void> => {
    const limits = { rowsATick: 1_000_000, rawRetentionSeconds: 35 * 86_400 }
    const rollup = createRollup({ writer: store().compute, clock, nextVersion, ...limits })
    const plan = planVerdicts(specs)
    while ((await rollup.tick(plan)).pendingMinutes > 0);
  }
  const insert = (spans: readonly TestSpan[]) => insertSpans(store().writer, spans, `block-${blocks++}`)
  const reportsOf = (specs: SpecSet) => createRatioReports({ reader: store().reader, specs: () => specs, clock })
  return {
    store,
    rollUp,
    insert,
    given: async (specs: SpecSet, spans: readonly TestSpan[]): Promise<void> => {
      await insert(spans)
      await rollUp(specs)
    },
    reportsOf,
    overTheHour: async (specs: SpecSet, name: string) => {
      const [point, ...more] = await reportsOf(specs).history(name, { ...hour, stepSeconds: 3600 })
      expect(more).toEqual([])
      return point
    },
  }
}
