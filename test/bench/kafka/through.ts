import type { Compression } from '../../../ingest/bus/kafka/protocol/compression.ts'
import type { RoleUnderTest } from '../../factories/role-process.ts'
import { readProcess } from '../processes.ts'
import { type Amount, type MeasuredWork, measureProcesses, sendSpans, warmUp } from './process-costs.ts'
import type { Surroundings } from './surroundings.ts'

type Processes = 'ingest' | 'sink' | 'store' | 'broker'

/** HTTP → Kafka → sink → rows, as fast as payloads are taken, until the last of them is a row. */
export async function measureThrough(
  surroundings: Surroundings,
  sink: RoleUnderTest,
  options: { readonly compression: Compression; readonly amount: Amount },
): Promise<MeasuredWork<Processes>> {
  const { kafka, storePid, storedSpans, untilStored } = surroundings
  const ingest = await surroundings.role('ingest', `kafka.compression=${options.compression}`)
  const already = (await storedSpans()) + (await warmUp(ingest.url))
  await untilStored(already)
  const pids = { ingest: ingest.pid, sink: sink.pid, store: storePid, broker: kafka.brokers[0]?.pid ?? 0 }
  const measured = await measureProcesses(pids, async () => {
    const spans = await sendSpans(ingest.url, options.amount)
    await untilStored(already + spans)
    return spans
  })
  await ingest.kill('SIGTERM')
  return measured
}

export interface CatchUp extends MeasuredWork<Exclude<Processes, 'ingest'>> {
  /** The sink's largest, while the first and the second half of the backlog was stored. */
  readonly sinkRssMegabytes: { readonly firstHalf: number; readonly secondHalf: number }
  /** The sink's, every second. */
  readonly sinkRssEachSecond: readonly number[]
}

/** A backlog gathers while no sink runs; then how long one takes to have all of it in rows. */
export async function measureCatchUp(surroundings: Surroundings, amount: Amount): Promise<CatchUp> {
  const { kafka, storePid, storedSpans, untilStored } = surroundings
  const ingest = await surroundings.role('ingest')
  const already = await storedSpans()
  const spans = await sendSpans(ingest.url, amount)
  await ingest.kill('SIGTERM')
  const halves = { firstHalf: 0, secondHalf: 0 }
  const eachSecond: number[] = []
  const sink = await surroundings.role('sink')
  const pids = { sink: sink.pid, store: storePid, broker: kafka.brokers[0]?.pid ?? 0 }
  const measured = await measureProcesses(pids, async () => {
    let half: keyof typeof halves = 'firstHalf'
    let samples = 0
    const sampler = setInterval(() => {
      const rss = Math.round(readProcess(sink.pid).rssMegabytes)
      halves[half] = Math.max(halves[half], rss)
      if (samples++ % 4 === 0) eachSecond.push(rss)
    }, 250)
    await untilStored(already + spans / 2)
    half = 'secondHalf'
    await untilStored(already + spans)
    clearInterval(sampler)
    return spans
  })
  await sink.kill('SIGTERM')
  return { ...measured, sinkRssMegabytes: halves, sinkRssEachSecond: eachSecond }
}
