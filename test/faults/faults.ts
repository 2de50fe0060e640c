import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseRecord } from '../../ingest/bus/segment-log/record-codec.ts'
import { type ProtocolStep, protocolSteps } from '../../ingest/sink/steps.ts'
import { diskFull } from './disk-full.ts'
import { type Fault, type FaultContext, pause, reached, restart } from './fault.ts'
import { spansRequest } from './requests.ts'
import { randomBytes } from './run-fault.ts'

const killAtRandom: Fault = {
  name: 'kill -9 at random',
  about: 'the whole process, at any moment, while it receives and stores',
  times: 100,
  inject: async context => {
    await pause(30 + context.random() ** 2 * 2000)
    context.producer.pointTo(null)
    await context.pipeline.kill()
    await restart(context)
  },
}

/** Starts it, and waits until it has ended there. */
async function dieAt({ pipeline, producer }: FaultContext, step: ProtocolStep, nth: number): Promise<void> {
  producer.pointTo(await pipeline.startOrDie({ dieAt: { step, nth } }))
  await reached(pipeline.ended(), step)
  producer.pointTo(null)
}

const killAt = (step: ProtocolStep): Fault => ({
  name: `kill -9 ${step}`,
  about: 'at this step of the sink’s protocol',
  times: 20,
  inject: async context => {
    const { pipeline, random } = context
    await pipeline.kill()
    if (step === 'before-probe') {
      // It probes a range in which two starts have ended before.
      await dieAt(context, 'after-intent', 1)
      await dieAt(context, 'after-intent', 1)
      await dieAt(context, step, 1)
    } else await dieAt(context, step, 1 + Math.floor(random() * 3))
    await restart(context)
  },
})

const killUnanswered: Fault = {
  name: 'kill -9 before the answer',
  about: 'a payload is durable and its sender was not told, so the same bytes come again',
  times: 20,
  inject: async context => {
    const { pipeline, producer, random } = context
    producer.pointTo(null)
    await pipeline.kill()
    producer.pointTo(await pipeline.startOrDie({ dieUnanswered: 1 + Math.floor(random() * 20) }))
    await reached(pipeline.ended(), 'before the answer')
    producer.pointTo(null)
    await restart(context)
  },
}

/** The newest segment of each partition of each topic. */
function newestSegments(busDirectory: string): string[] {
  return readdirSync(busDirectory, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(({ name }) => {
      const folder = join(busDirectory, name)
      const newest = readdirSync(folder)
        .filter(file => file.endsWith('.log'))
        .sort()
        .at(-1)
      return newest === undefined ? [] : [join(folder, newest)]
    })
}

const tornTail: Fault = {
  name: 'torn tail',
  about: 'kill -9, then a half-written record at the end of every partition of the log',
  times: 20,
  inject: async context => {
    const { pipeline, producer, busDirectory, random } = context
    await pause(150)
    producer.pointTo(null)
    await pipeline.kill()
    for (const file of newestSegments(busDirectory)) {
      const bytes = readFileSync(file)
      const record = parseRecord(bytes, 0)
      if (record !== undefined) appendFileSync(file, bytes.subarray(0, 1 + Math.floor(random() * (record.end - 1))))
    }
    await restart(context)
  },
}

const poison: Fault = {
  name: 'poison payload',
  about: 'bytes that are no OTLP in the middle of a batch, put on the bus behind the gateway’s back',
  times: 20,
  inject: async ({ pipeline, random, quarantine }) => {
    const garbage = Buffer.concat([Buffer.from([0x0a, 0xff, 0xff, 0x03]), randomBytes(40, random)])
    quarantine(1)
    await pipeline.produce(garbage)
    await pause(20 + random() * 100)
  },
}

const bitRot: Fault = {
  name: 'bit rot',
  about: 'one flipped bit in a record that the sink has not stored yet',
  times: 20,
  inject: async context => {
    const { pipeline, producer, busDirectory, random, quarantine } = context
    await pause(100)
    // What is still on its way would be what the process dies of below, before the rotten record is on the bus.
    await producer.fallSilent()
    await pipeline.drain()
    await pipeline.kill()
    // Announces nothing and stores nothing: the next record stays on the bus for the flip.
    await pipeline.startOrDie({ dieAt: { step: 'before-intent', nth: 1 } })
    await pipeline.produce(spansRequest(['ffffffffffffffff'], 'rotten').body).catch(() => undefined)
    await pipeline.ended()
    const file = newestSegments(busDirectory).find(segment => readFileSync(segment).includes('rotten'))
    if (file === undefined) throw new Error('the record to be spoilt is not in the log')
    const bytes = readFileSync(file)
    const at = bytes.lastIndexOf('rotten')
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8))
    writeFileSync(file, bytes)
    quarantine(1)
    await restart(context)
  },
}

const deadlyPayload: Fault = {
  name: 'engine crash',
  about: 'a payload that takes the process down inside the engine, every time',
  times: 20,
  inject: async context => {
    const { pipeline, producer, quarantine, random } = context
    const marker = `deadly-${Math.floor(random() * 1e9)}`
    producer.pointTo(null)
    await pipeline.kill()
    await pipeline.startOrDie({ deadlyMarker: marker })
    quarantine(1)
    await pipeline.produce(spansRequest(['eeeeeeeeeeeeeeee'], marker).body).catch(() => undefined)
    await pipeline.ended()
    // A supervisor starts it again and again; the culprit is found by its intent and put aside.
    for (let starts = 0; starts < 10; starts++) {
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
  killUnanswered,
  ...protocolSteps.map(killAt),
  tornTail,
  poison,
  bitRot,
  deadlyPayload,
  diskFull,
]
