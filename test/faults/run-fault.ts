import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { createStore } from '../../store/client/create-store.ts'
import type { Fault } from './faults.ts'
import { createPipelineUnderFault } from './pipeline-under-fault.ts'
import { startSteadyProducer } from './steady-producer.ts'

export interface FaultResult {
  readonly fault: string
  readonly times: number
  readonly acknowledged: number
  readonly inStore: number
  readonly lost: number
  readonly doubled: number
  /** Payloads that the fault spoilt, and how many of them are dead letters. */
  readonly spoilt: number
  readonly deadLetters: number
  readonly recoveryMs: { readonly median: number; readonly longest: number } | null
}

/** A seeded generator (mulberry32), so that a run can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Injects the fault into a pipeline of its own while spans are sent all the time, then counts what is in the store. */
export async function runFault(
  fault: Fault,
  times: number,
  seed: number,
  onProgress: (done: number) => void,
): Promise<FaultResult> {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-faults-'))
  const busDirectory = join(folder, 'bus')
  const random = seededRandom(seed)
  const pipeline = createPipelineUnderFault({ data: folder, bus: busDirectory })
  const producer = startSteadyProducer(random)
  const recoveries: number[] = []
  let spoilt = 0
  const context = {
    pipeline,
    producer,
    busDirectory,
    random,
    quarantine: (count: number) => {
      spoilt += count
    },
    recovered: (milliseconds: number) => void recoveries.push(milliseconds),
  }
  try {
    const { port } = await pipeline.start()
    producer.pointTo(port)
    for (let done = 0; done < times; done++) {
      await fault.inject(context)
      onProgress(done + 1)
    }
    await new Promise(resolve => setTimeout(resolve, 200))
    await producer.stop()
    await pipeline.drain()
    await pipeline.stop()
    const counted = await countStored(join(folder, 'store'), producer.acknowledged)
    recoveries.sort((a, b) => a - b)
    const median = recoveries[Math.floor(recoveries.length / 2)]
    return {
      fault: fault.name,
      times,
      acknowledged: producer.acknowledged.size,
      ...counted,
      spoilt,
      recoveryMs:
        median === undefined ? null : { median: Math.round(median), longest: Math.round(recoveries.at(-1) ?? 0) },
    }
  } finally {
    await producer.stop()
    await pipeline.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

const storedIds = {
  name: 'stored span ids',
  sql: `SELECT SpanId AS id, count() AS times FROM otel_traces WHERE SpanName = 'GET /' GROUP BY SpanId`,
  params: z.object({}),
  row: z.object({ id: z.string(), times: z.string().transform(Number) }),
}
const deadLetterCount = {
  name: 'dead letters',
  sql: 'SELECT count() AS n FROM dead_letters FINAL',
  params: z.object({}),
  row: z.object({ n: z.string().transform(Number) }),
}

async function countStored(path: string, acknowledged: ReadonlySet<string>) {
  const store = await createStore({ kind: 'embedded', path })
  try {
    const rows = await store.reader.query(storedIds, {})
    const [letters] = await store.reader.query(deadLetterCount, {})
    const stored = new Set(rows.map(({ id }) => id))
    return {
      inStore: [...acknowledged].filter(id => stored.has(id)).length,
      lost: [...acknowledged].filter(id => !stored.has(id)).length,
      doubled: rows.filter(({ times }) => times > 1).length,
      deadLetters: letters?.n ?? 0,
    }
  } finally {
    await store.close()
  }
}
