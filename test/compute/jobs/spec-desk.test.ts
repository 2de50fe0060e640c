import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createEvaluator } from '../../../compute/jobs/evaluator.ts'
import { createSpecDesk } from '../../../compute/jobs/spec-desk.ts'
import { createSpecLedger } from '../../../compute/jobs/spec-ledger.ts'
import { createSpecsInForce } from '../../../compute/jobs/specs-in-force.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import type { Store } from '../../../store/client/store.ts'
import { service, sloText } from '../../slo-specs/parse.ts'
import { insertSpans, openTestStore } from './spans.ts'

const startMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000
let nowMs = startMs + 3_600_000
const clock = { now: () => nowMs, sleep: systemClock.sleep }
let store: Store
let close: () => Promise<void>

beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  const spans = Array.from({ length: 600 }, (_, index) => ({
    atMs: startMs + index * 6000,
    name: 'GET /',
    kind: index % 2 === 0 ? 'Server' : 'Client',
    status: index % 10 === 0 ? 'Error' : 'Unset',
    durationNs: 1n,
    resource: { 'service.name': 'shop' },
    attributes: {},
  }))
  await insertSpans(store.writer, spans, 'spans')
})
afterAll(() => close())

/** What one process has: made anew it knows only what was written down. */
function openDesk() {
  const ledger = createSpecLedger({ writer: store.writer, clock })
  const inForce = createSpecsInForce({ ledger, logger: silentLogger })
  return { ledger, inForce, desk: createSpecDesk({ reader: store.reader, ledger, inForce, clock }) }
}

const files = (...texts: string[]) => texts.map((text, index) => ({ file: `${index}.yaml`, text }))
const loose = files(service, sloText({ objective: '{target: 0.9}', good: 'status != "Error"' }))
const strict = files(service, sloText({ objective: '{target: 0.99}', good: 'kind == "Server"' }))
const origin = { path: 'slos', author: 'ann', commit: 'c0ffee', message: 'because' }
const keep = { prune: false }

describe('several processes', () => {
  const numbered = (index: number) =>
    files(service, sloText({ objective: `{target: 0.9${index}}`, good: 'status != "Error"' }))

  it('that apply at the same moment come one after another, each for all', async () => {
    const processes = Array.from({ length: 4 }, openDesk)
    const outcomes = await Promise.all(
      processes.map(({ desk }, index) => desk.apply(numbered(index + 1), origin, { prune: true })),
    )
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'applied', 'applied'])
    await Promise.all(processes.map(({ inForce }) => inForce.refresh()))
    const entries = await processes[0]?.ledger.list(10)
    expect(entries?.map(({ sequence }) => sequence)).toEqual([4n, 3n, 2n, 1n])
    for (const { inForce } of processes) expect(inForce.current().revision).toBe(entries?.[0]?.revision)
  })

  it('that made their changes for the same revision do not undo each other: one is told', async () => {
    const processes = [openDesk(), openDesk()]
    for (const { inForce } of processes) await inForce.load()
    const expected = processes[0]?.inForce.current().revision ?? ''
    const attempts = await Promise.allSettled(
      processes.map(({ desk }, index) => desk.apply(numbered(index + 6), origin, { prune: true, expected })),
    )
    const codes = attempts.map(attempt => (attempt.status === 'rejected' ? attempt.reason.code : attempt.value.outcome))
    expect(codes.sort()).toEqual(['SPECS_CONFLICT', 'applied'])
    await store.writer.execute({ name: 'forget', sql: 'TRUNCATE TABLE spec_sets', params: z.object({}) }, {})
  })
})

describe('specs in force', () => {
  it('are written down with who, when and why, and the same specs again do nothing', async () => {
    const { desk } = openDesk()
    const applied = await desk.apply(loose, origin, keep)
    if (applied.outcome !== 'applied') throw new Error(applied.outcome)
    nowMs += 1000
    expect(await desk.apply(loose, origin, keep)).toMatchObject({ outcome: 'unchanged', revision: applied.revision })
    const { current, entries } = await desk.revisions(10)
    expect(entries).toEqual([
      { ...origin, source: 'apply', sequence: 1n, revision: applied.revision, appliedAtMs: nowMs - 1000, slos: 1 },
    ])
    expect(current).toBe(applied.revision)
    expect((await desk.revision(applied.revision.slice(0, 6)))?.files).toEqual(loose)
  })

  it('are those of the last process after a restart', async () => {
    const { inForce } = openDesk()
    expect(inForce.current().slos).toEqual([])
    await inForce.load()
    expect(inForce.current().slos.map(({ objectiveText }) => objectiveText)).toEqual(['0.9'])
  })

  it('stay when the new ones have errors, or would remove an SLO that nobody said may go', async () => {
    const { inForce, desk } = openDesk()
    await inForce.load()
    const { revision } = inForce.current()
    expect(await desk.apply(files('kind: SLO'), origin, { prune: true })).toMatchObject({ outcome: 'invalid' })
    const other = files(service, sloText({ name: 'other' }))
    expect(await desk.apply(other, origin, keep)).toMatchObject({ outcome: 'would-remove', removed: ['checkout'] })
    expect(inForce.current().revision).toBe(revision)
    expect((await desk.revisions(10)).entries.length).toBe(1)
  })

  it('change for one of two authors at once; the other is told', async () => {
    const { inForce, desk } = openDesk()
    await inForce.load()
    const expected = inForce.current().revision
    const changes = ['0.95', '0.96'].map(target => files(service, sloText({ objective: `{target: ${target}}` })))
    const results = await Promise.allSettled(
      changes.map(change => desk.apply(change, origin, { prune: false, expected })),
    )
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(results[1]).toMatchObject({ reason: { code: 'SPECS_CONFLICT' } })
    expect(inForce.current().slos[0]?.objectiveText).toBe('0.95')
  })

  it('go back to an earlier revision with exactly the numbers that it had', async () => {
    const { inForce, desk } = openDesk()
    await inForce.load()
    const reports = createReports({ reader: store.reader, specs: inForce.current, clock })
    const meter = createNoopMeter()
    const evaluator = createEvaluator({
      store,
      specs: inForce.current,
      senders: [],
      clock,
      logger: silentLogger,
      meter,
    })
    const numbers = async () => {
      let left = 1
      while (left > 0) left = (await evaluator.tick()).historyLeft
      return reports.status('checkout')
    }
    const first = await desk.apply(loose, origin, keep)
    if (first.outcome !== 'applied') throw new Error(first.outcome)
    const before = await numbers()
    expect([before?.good, before?.valid]).toEqual([540n, 600n])
    await desk.apply(strict, origin, keep)
    const between = await numbers()
    expect([between?.good, between?.valid]).toEqual([300n, 600n])
    const back = await desk.rollback(first.revision.slice(0, 8), { author: 'bob', message: 'too strict' }, {})
    expect(back).toMatchObject({ outcome: 'applied', revision: first.revision })
    expect(await numbers()).toEqual(before)
    const { entries } = await desk.revisions(2)
    expect(entries.map(({ source, author, message }) => [source, author, message])).toEqual([
      ['rollback', 'bob', 'too strict'],
      ['apply', 'ann', 'because'],
    ])
    expect(await desk.rollback('abcdef', origin, {})).toBeUndefined()
  })

  it('differ from other revisions in what the SLOs mean', async () => {
    const { inForce, desk } = openDesk()
    await inForce.load()
    const { current, entries } = await desk.revisions(10)
    const strictest = entries[1]?.revision ?? ''
    const changes = (await desk.diff(current, strictest))?.slos
    expect(changes?.map(({ name, kind, fields }) => [name, kind, fields.map(({ field }) => field)])).toEqual([
      ['checkout', 'changed', ['good', 'objective']],
    ])
    expect(await desk.diff(current, current)).toEqual({ slos: [], ratios: [] })
    expect(await desk.diff(current, 'abcdef')).toBeUndefined()
  })

  it('stay when the new ones would end a synthetic transaction that nobody said may end', async () => {
    const { inForce, desk } = openDesk()
    await inForce.load()
    const steps = '[{ name: ask, request: { url: "https://shop.example.org/" } }]'
    const probe = `apiVersion: ninefold.dev/v1\nkind: SyntheticTransaction\nmetadata: {name: buy}\nspec: {service: shop, schedule: {every: 1m}, steps: ${steps}}\n`
    const probed = [...loose, ...files(probe).map(({ text }) => ({ file: 'probe.yaml', text }))]
    expect(await desk.apply(probed, origin, keep)).toMatchObject({ outcome: 'applied' })
    const removed = ['synthetic transaction buy']
    expect(await desk.apply(loose, origin, keep)).toMatchObject({ outcome: 'would-remove', removed })
    expect(inForce.current().transactions?.map(({ name }) => name)).toEqual(['buy'])
    expect(await desk.apply(loose, origin, { prune: true })).toMatchObject({ outcome: 'applied' })
  })
})
