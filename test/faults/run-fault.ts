import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '../../store/client/create-store.ts'
import { countStored } from './count-stored.ts'
import type { Fault } from './fault.ts'
import { createPipelineUnderFault } from './pipeline-under-fault.ts'
import { startSteadyProducer } from './steady-producer.ts'

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
  /** Records that the fault itself spoilt or removed, and how many are told of: as dead letters, or as a gap of the bus. */
  readonly spoilt: number
  readonly toldOf: number
  readonly recoveryMs: { readonly median: number; readonly longest: number } | null
}

export function summarise(recoveriesMs: readonly number[]): FaultResult['recoveryMs'] {
  const sorted = recoveriesMs.map(Math.round).sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]
  return median === undefined ? null : { median, longest: sorted.at(-1) ?? median }
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

/** As many bytes, the same for the same seed. */
export const randomBytes = (count: number, random: () => number) =>
  Buffer.from(Array.from({ length: count }, () => Math.floor(random() * 256)))

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
    const store = await createStore({ kind: 'embedded', path: join(folder, 'store') })
    const { deadLetters, stored: _, ...counted } = await countStored(store.reader, producer).finally(store.close)
    const acknowledged = producer.acknowledged.size
    const told = { spoilt, toldOf: deadLetters }
    return { fault: fault.name, times, acknowledged, ...counted, ...told, recoveryMs: summarise(recoveries) }
  } finally {
    await producer.stop()
    await pipeline.kill()
    if (fault.diskMegabytes !== undefined) execFileSync('umount', ['--lazy', folder])
    rmSync(folder, { recursive: true, force: true })
  }
}
