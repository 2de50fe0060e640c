import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNoopMeter } from '@opentelemetry/api'
import type { Listening } from '../../../api/server.ts'
import { writeInstanceFile } from '../../../cli/instance/running-instance.ts'
import { createEvaluator } from '../../../compute/jobs/evaluator.ts'
import { createSpecDesk } from '../../../compute/jobs/spec-desk.ts'
import { createSpecLedger } from '../../../compute/jobs/spec-ledger.ts'
import { createSpecsInForce } from '../../../compute/jobs/specs-in-force.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { loadSpecs } from '../../../slo-specs/schema/load.ts'
import type { Store } from '../../../store/client/store.ts'
import { startApi } from '../../api/api-under-test.ts'
import { insertSpans, openTestStore } from '../../compute/jobs/spans.ts'

/** An instance with three hours of yesterday behind it, as commands find it in its data directory. */
export interface Incident {
  readonly folder: string
  readonly api: Listening
  readonly store: Store
  /** The beginning of the three hours. */
  readonly startMs: number
  close(): Promise<void>
}

const minuteMs = 60_000
const startMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000
const nowMs = startMs + 180 * minuteMs

/** Twenty requests a minute for three hours; of those between 01:00 and 01:30 half fail. */
const spans = Array.from({ length: 180 * 20 }, (_, index) => {
  const minute = Math.floor(index / 20)
  return {
    atMs: startMs + index * 3000,
    name: 'POST /orders',
    kind: 'Server',
    status: minute >= 60 && minute < 90 && index % 2 === 0 ? 'Error' : 'Unset',
    durationNs: BigInt(1 + (index % 20)) * 10_000_000n,
    resource: { 'service.name': 'checkout' },
    attributes: {},
  }
})

export async function openIncident(): Promise<Incident> {
  const { store, close } = await openTestStore()
  await insertSpans(store.writer, spans, 'spans')
  const { specs } = await loadSpecs(['test/cli/commands/specs/plan-before.yaml'])
  if (specs === null) throw new Error('the specs in force have errors')
  const clock = { now: () => nowMs, sleep: systemClock.sleep }
  const ledger = createSpecLedger({ writer: store.writer, clock })
  const inForce = createSpecsInForce({ ledger, logger: silentLogger })
  inForce.adopt(specs)
  const options = { store, specs: inForce.current, senders: [], clock, logger: silentLogger, meter: createNoopMeter() }
  await createEvaluator(options).tick()
  const api = await startApi({ specDesk: createSpecDesk({ reader: store.reader, ledger, inForce, clock }), clock })
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-incident-'))
  writeInstanceFile(folder, { pid: process.pid, apiUrl: api.url, specs: null })
  return {
    folder,
    api,
    store,
    startMs,
    close: async () => {
      await api.close()
      await close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** The three hours are those of yesterday. */
export const undated = (text: string) => text.replace(/\d{4}-\d{2}-\d{2}/g, 'YYYY-MM-DD')
