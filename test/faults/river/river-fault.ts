import { Kafka, logLevel } from 'kafkajs'
import { z } from 'zod'
import { spansRequest } from '../requests.ts'
import type { River } from './river.ts'

export const pause = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))

export interface RiverFaultContext {
  readonly river: River
  /** From 0 to 1, seeded. */
  readonly random: () => number
  /** Records that the fault itself spoilt or took away; each must be told of. */
  spoil(count: number): void
}

/** One way to hurt a river of several processes. */
export interface RiverFault {
  readonly name: string
  readonly about: string
  readonly times: number
  readonly brokers: 1 | 3
  readonly sinks: number
  /** The store's folder is a file system of this size, in memory; making one needs root. */
  readonly storeMegabytes?: number
  /** One injection into a running river; leaves every process running and every wire whole. */
  inject(context: RiverFaultContext): Promise<void>
}

const longestMs = 120_000
let probes = 0

/** Sends a span until it is acknowledged, and waits until it is a row: the river flows again. @returns milliseconds. */
export async function untilItFlows({ producer, otlpPort, asked }: River): Promise<number> {
  const started = performance.now()
  const late = (what: string) => {
    if (performance.now() - started > longestMs) throw new Error(`${what} within ${longestMs} ms`)
  }
  // Each try is an event of its own: one without an answer may be stored.
  const next = () => spansRequest([`aa${(probes++).toString(16).padStart(14, '0')}`])
  let request = next()
  while ((await producer.send(request, otlpPort)) !== 200) {
    late('nothing was acknowledged')
    await pause(100)
    request = next()
  }
  const key = request.keys[0]?.slice('span:'.length) ?? ''
  for (;;) {
    const rows = await asked.reader.query(spanById, { id: key }).catch(() => [])
    if (rows.length > 0) return performance.now() - started
    late(`a span that was acknowledged was not stored`)
    await pause(150)
  }
}

const spanById = {
  name: 'span by id',
  sql: 'SELECT 1 AS n FROM otel_traces WHERE SpanId = {id: String} LIMIT 1',
  params: z.object({ id: z.string() }),
  row: z.object({ n: z.number() }),
}

/** An operator's own connection. */
export function operator({ kafka }: River): Kafka {
  return new Kafka({ clientId: 'operator', brokers: [...kafka.addresses], logLevel: logLevel.NOTHING })
}

export async function asOperator<T>(river: River, work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const admin = operator(river).admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

export const endSinks = ({ sinks }: River, name: 'SIGKILL' | 'SIGTERM') =>
  Promise.all(sinks.map(sink => sink.signal(name)))
export const startSinks = ({ sinks }: River) => Promise.all(sinks.map(sink => sink.start()))

export function pick<T>(from: readonly T[], random: () => number): T {
  const chosen = from[Math.floor(random() * from.length)]
  if (chosen === undefined) throw new Error('nothing to pick from')
  return chosen
}
