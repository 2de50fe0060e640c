import type { PipelineUnderFault } from './pipeline-under-fault.ts'
import type { SteadyProducer } from './steady-producer.ts'

export interface FaultContext {
  readonly pipeline: PipelineUnderFault
  readonly producer: SteadyProducer
  /** Bus, store and staging lie under it. */
  readonly folder: string
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
  /** Its folder is a file system of this size, in memory; making one needs root. */
  readonly diskMegabytes?: number
  /** One injection into a running pipeline; leaves it running. */
  inject(context: FaultContext): Promise<void>
}

export const pause = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))

/** Starts the pipeline again on what it left and sends to it. */
export async function restart({ pipeline, producer, recovered }: FaultContext): Promise<void> {
  const { port, recoveryMs } = await pipeline.start()
  recovered(recoveryMs)
  producer.pointTo(port)
}

const longestMs = 60_000

/** A fault at a step of the protocol is one only if that step comes. @throws when it does not. */
export async function reached(happened: Promise<void>, step: string): Promise<void> {
  const isLate = await Promise.race([happened.then(() => false), pause(longestMs).then(() => true)])
  if (isLate) throw new Error(`the step ${step} did not come within ${longestMs} ms`)
}
