import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { createStore } from '../../store/client/create-store.ts'
import type { Fault } from './fault.ts'
import { createPipelineUnderFault } from './pipeline-under-fault.ts'
import { storedKeysSql } from './requests.ts'
import { type SteadyProducer, startSteadyProducer } from './steady-producer.ts'

export interface FaultResult {
  readonly fault: string
  readonly times: number
  readonly acknowledged: number
  readonly inStore: number
  readonly lost: number
  readonly doubled: number
  /** Refused with a status, and stored all the same. */
  readonly refusedYetStored: number
  /** Rows that the view over the tables counted more or less often than they are there. */
  readonly viewOff: number
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
  if (fault.diskMegabytes !== undefined) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${fault.diskMegabytes}m`, 'tmpfs', folder])
  }
  const busDirectory = join(folder, 'bus')
  const random = seededRandom(seed)
  const pipeline = createPipelineUnderFault({ data: folder, bus: busDirectory })
  const producer = startSteadyProducer(random)
  const recoveries: number[] = []
  let spoilt = 0
  const context = {
    pipeline,
    producer,
    folder,
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
    const counted = await countStored(join(folder, 'store'), producer)
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
    if (fault.diskMegabytes !== undefined) execFileSync('umount', ['--lazy', folder])
    rmSync(folder, { recursive: true, force: true })
  }
}

const number = z.string().transform(Number)
const storedKeys = {
  name: 'stored keys',
  sql: `SELECT key, count() AS times FROM (${storedKeysSql}) GROUP BY key`,
  params: z.object({}),
  row: z.object({ key: z.string(), times: number }),
}
const deadLetterCount = {
  name: 'dead letters',
  sql: 'SELECT count() AS n FROM dead_letters FINAL',
  params: z.object({}),
  row: z.object({ n: number }),
}
/** How far the rows of the tables and what the materialized view counted on their way in are apart. */
const viewDifference = {
  name: 'arrivals',
  sql: `SELECT abs(toInt64((SELECT count() FROM otel_traces)) + toInt64((SELECT count() FROM otel_logs))
  + toInt64((SELECT count() FROM otel_metrics_gauge)) + toInt64((SELECT count() FROM otel_metrics_histogram))
  - toInt64((SELECT sum(Rows) FROM arrivals))) AS n`,
  params: z.object({}),
  row: z.object({ n: number }),
}

async function countStored(path: string, { acknowledged, refused }: SteadyProducer) {
  const store = await createStore({ kind: 'embedded', path })
  try {
    const rows = await store.reader.query(storedKeys, {})
    const [letters] = await store.reader.query(deadLetterCount, {})
    const [view] = await store.reader.query(viewDifference, {})
    const stored = new Set(rows.map(({ key }) => key))
    const inStore = [...acknowledged].filter(key => stored.has(key)).length
    return {
      inStore,
      lost: acknowledged.size - inStore,
      doubled: rows.filter(({ times }) => times > 1).length,
      refusedYetStored: [...refused].filter(key => stored.has(key)).length,
      viewOff: view?.n ?? 0,
      deadLetters: letters?.n ?? 0,
    }
  } finally {
    await store.close()
  }
}
