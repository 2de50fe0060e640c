import type { Logger } from './logger.ts'

/** The order in which a running instance lets go: nothing new in, work in hand done, bytes on disk, store closed. */
const phases = ['stop-accepting', 'drain', 'flush', 'close'] as const
export type ShutdownPhase = (typeof phases)[number]

export interface Shutdown {
  /**
   * Registers `stop` for a phase; within a phase, what was registered last stops first. What comes once all are being stopped, from a start
   * that is given up, stops at once.
   */
  register(phase: ShutdownPhase, name: string, stop: () => Promise<void> | void): void
  /** Runs all phases once; later calls wait for the same run. A failing step is logged and the rest still run. */
  run(reason: string): Promise<void>
}

/** Once the time is up the steps that are left still begin, and nobody waits for them … */
const shortestWaitMs = 100
/** … but for those that close: a process that ends while the engine still runs statements ends in a crash. */
const closeMs = 1500

/**
 * @param options.stepTimeoutMs the longest any one step may take before the next begins.
 * @param options.totalMs the longest all of them together may take, about; those that close have a second and a half at least.
 */
export function createShutdown(options: { logger: Logger; stepTimeoutMs: number; totalMs?: number }): Shutdown {
  const steps: { phase: ShutdownPhase; name: string; stop: () => Promise<void> | void }[] = []
  const late: Promise<void>[] = []
  let isUnderWay = false
  let running: Promise<void> | undefined

  const runStep = async (name: string, stop: () => Promise<void> | void, latestMs: number) => {
    let timer: NodeJS.Timeout | undefined
    const timeoutMs = Math.min(options.stepTimeoutMs, Math.max(shortestWaitMs, latestMs - performance.now()))
    const timeout = new Promise<'timeout'>(resolve => {
      timer = setTimeout(() => resolve('timeout'), timeoutMs)
    })
    try {
      const outcome = await Promise.race([Promise.resolve(stop()).then(() => 'done' as const), timeout])
      if (outcome === 'timeout') options.logger.warn({ step: name, timeoutMs }, 'shutdown step timed out')
    } catch (error) {
      options.logger.error({ step: name, err: error }, 'shutdown step failed')
    } finally {
      clearTimeout(timer)
    }
  }

  const runAll = async (reason: string) => {
    isUnderWay = true
    options.logger.debug({ reason }, 'shutting down')
    const latestMs = performance.now() + (options.totalMs ?? Number.POSITIVE_INFINITY)
    for (const phase of phases) {
      const latestOfPhaseMs = phase === 'close' ? Math.max(latestMs, performance.now() + closeMs) : latestMs
      for (const step of steps.filter(candidate => candidate.phase === phase).reverse())
        await runStep(step.name, step.stop, latestOfPhaseMs)
    }
    await Promise.all(late)
  }

  return {
    register: (phase, name, stop) => {
      if (isUnderWay) late.push(runStep(name, stop, performance.now() + closeMs))
      else steps.push({ phase, name, stop })
    },
    run: reason => {
      running ??= runAll(reason)
      return running
    },
  }
}
