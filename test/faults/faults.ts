import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ProtocolStep, protocolSteps } from '../../ingest/sink/steps.ts'
import type { PipelineUnderFault } from './pipeline-under-fault.ts'
import { type SteadyProducer, spansRequest } from './steady-producer.ts'

export interface FaultContext {
  readonly pipeline: PipelineUnderFault
  readonly producer: SteadyProducer
  readonly busDirectory: string
  /** From 0 to 1, seeded. */
  readonly random: () => number
  /** Ids that the fault itself made the bus lose the bytes of; they must be dead letters, not rows. */
  quarantine(count: number): void
  recovered(milliseconds: number): void
}

export interface Fault {
  readonly name: string
  readonly about: string
  readonly times: number
  /** One injection into a running pipeline; leaves it running. */
  inject(context: FaultContext): Promise<void>
}

const pause = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))

async function restart({ pipeline, producer, recovered }: FaultContext): Promise<void> {
  const { port, recoveryMs } = await pipeline.start()
  recovered(recoveryMs)
  producer.pointTo(port)
}

const killAtRandom: Fault = {
  name: 'kill -9 at random',
  about: 'the whole process, at any moment, while it receives and stores',
  times: 100,
  inject: async context => {
    await pause(30 + context.random() * 400)
    context.producer.pointTo(null)
    await context.pipeline.kill()
    await restart(context)
  },
}

const killAt = (step: ProtocolStep): Fault => ({
  name: `kill -9 ${step}`,
  about: 'at this step of the sink’s protocol',
  times: 15,
  inject: async context => {
    const { pipeline, producer, random } = context
    await pipeline.kill()
    const port = await pipeline.startOrDie({ dieAt: { step, nth: 1 + Math.floor(random() * 3) } })
    producer.pointTo(port)
    // A step that is not reached by itself (probing needs two deaths in a row) leaves the process running.
    await Promise.race([pipeline.ended(), pause(1500)])
    producer.pointTo(null)
    await pipeline.kill()
    await restart(context)
  },
})

function newestSegment(busDirectory: string): string {
  const folder = join(busDirectory, 'otlp_spans')
  const names = readdirSync(folder).filter(name => name.endsWith('.log'))
  return join(folder, names.sort().at(-1) ?? '')
}

const tornTail: Fault = {
  name: 'torn tail',
  about: 'kill -9, then a half-written record at the end of the log',
  times: 20,
  inject: async context => {
    context.producer.pointTo(null)
    await context.pipeline.kill()
    const file = newestSegment(context.busDirectory)
    const bytes = readFileSync(file)
    if (bytes.length > 0)
      appendFileSync(file, bytes.subarray(0, 1 + Math.floor(context.random() * Math.min(bytes.length - 1, 300))))
    await restart(context)
    await pause(100)
  },
}

const poison: Fault = {
  name: 'poison payload',
  about: 'bytes that are no OTLP in the middle of a batch, put on the bus behind the gateway’s back',
  times: 20,
  inject: async ({ pipeline, random, quarantine }) => {
    const garbage = Buffer.concat([
      Buffer.from([0x0a, 0xff, 0xff, 0x03]),
      Buffer.from(crypto.getRandomValues(new Uint8Array(40))),
    ])
    quarantine(1)
    await pipeline.produce(garbage)
    await pause(20 + random() * 100)
  },
}

const bitRot: Fault = {
  name: 'bit rot',
  about: 'one flipped bit in a record that the sink has not stored yet',
  times: 10,
  inject: async context => {
    const { pipeline, producer, busDirectory, random, quarantine } = context
    producer.pointTo(null)
    await pipeline.drain()
    await pipeline.kill()
    // Announces nothing and stores nothing: the next record stays on the bus for the flip.
    await pipeline.startOrDie({ dieAt: { step: 'before-intent', nth: 1 } })
    await pipeline.produce(spansRequest(['ffffffffffffffff'], 'rotten')).catch(() => undefined)
    await pipeline.ended()
    const file = newestSegment(busDirectory)
    const bytes = readFileSync(file)
    const at = bytes.lastIndexOf('rotten')
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8))
    writeFileSync(file, bytes)
    quarantine(1)
    await restart(context)
    await pipeline.drain()
  },
}

const deadlyPayload: Fault = {
  name: 'engine crash',
  about: 'a payload that takes the process down inside the engine, every time',
  times: 5,
  inject: async context => {
    const { pipeline, producer, quarantine, random } = context
    const marker = `deadly-${Math.floor(random() * 1e9)}`
    producer.pointTo(null)
    await pipeline.kill()
    await pipeline.startOrDie({ deadlyMarker: marker })
    quarantine(1)
    await pipeline.produce(spansRequest(['eeeeeeeeeeeeeeee'], marker)).catch(() => undefined)
    await pipeline.ended()
    // A supervisor starts it again and again; the culprit is found by its intent and put aside.
    for (let starts = 0; starts < 8; starts++) {
      const port = await pipeline.startOrDie({ deadlyMarker: marker })
      if (port === null) continue
      const outcome = await Promise.race([
        pipeline.drain().then(
          () => 'stored' as const,
          () => 'ended' as const,
        ),
        pipeline.ended().then(() => 'ended' as const),
      ])
      if (outcome === 'stored') break
    }
    await pipeline.kill()
    await restart(context)
  },
}

/** Every fault there is, in the order of the table. */
export const faults: readonly Fault[] = [
  killAtRandom,
  ...protocolSteps.map(killAt),
  tornTail,
  poison,
  bitRot,
  deadlyPayload,
]
