import { afterAll, beforeAll, expect, test } from 'vitest'
import { historyLine } from '../../../cli/apply-steps.ts'
import { createStoredProgress } from '../../../compute/reports/stored-progress.ts'
import type { Store } from '../../../store/client/store.ts'
import { noHistory, specRevisionsTable } from '../../../store/tables/spec-revisions.ts'
import { notFailed, serviceIs, sloOf, specSetOf } from '../jobs/slos.ts'
import { openTestStore } from '../jobs/spans.ts'

let store: Store
let close: () => Promise<void>
beforeAll(async () => {
  ;({ store, close } = await openTestStore())
})
afterAll(() => close())

const counted = { total: serviceIs('shop'), good: notFailed }
const [a, b, left] = [sloOf('a', counted), sloOf('b', counted), sloOf('no-longer-there', counted)]
const whole = sloOf('whole', counted, {
  indicator: { kind: 'composite', name: 'whole', signal: 'composite', members: [{ slo: a, weight: '1' }] },
})
const day = (date: number) => Date.UTC(2026, 10, date) / 1000
let version = 0n

async function write(slo: typeof a, HistoryFrom: number, isDone: boolean) {
  version += 1n
  const row = { Slo: slo.name, Revision: slo.revision, Service: slo.service, Document: '{}', SpecSetRevision: 'set' }
  const state = { HistoryFrom, HistoryDone: isDone ? 1 : 0 }
  await store.writer.insert(specRevisionsTable, [{ ...row, ...state, FirstSeenAt: 0, Version: version }])
}

test('what the store says of the past moves a day at a time, by the one that lacks the most', async () => {
  const progress = createStoredProgress({ reader: store.reader, specs: () => specSetOf([a, b, whole]) })
  expect(await progress.history()).toEqual({ left: 2, backToMs: null })
  await write(left, noHistory, false)
  await write(a, day(20), false)
  expect(await progress.history()).toEqual({ left: 2, backToMs: null })
  await write(b, day(21), false)
  expect(await progress.history()).toEqual({ left: 2, backToMs: day(21) * 1000 })
  await write(b, day(19), false)
  expect(await progress.history()).toEqual({ left: 2, backToMs: day(20) * 1000 })
  await write(a, day(2), true)
  expect(await progress.history()).toEqual({ left: 1, backToMs: day(19) * 1000 })
  await write(b, day(2), true)
  expect(await progress.history()).toEqual({ left: 0, backToMs: null })
})

test('apply says which day it has reached', () => {
  expect(historyLine({ historyLeft: 3, historyBackTo: null })).toBe('history: the past of 3 revisions begins')
  expect(historyLine({ historyLeft: 1, historyBackTo: '2026-11-20T00:00:00.000Z' })).toBe(
    'history: the past of 1 revision is computed back to 2026-11-20',
  )
})
