import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FromProcess, ProcessOptions, ToProcess } from './pipeline-process.ts'

const script = fileURLToPath(new URL('./pipeline-process.ts', import.meta.url))

const longestStandstillMs = 60_000

/** The process under fault; it can be started again on the same data. */
export interface PipelineUnderFault {
  /** @returns the port of its gateway, and milliseconds until it listened. */
  start(more?: Partial<ProcessOptions>): Promise<{ port: number; recoveryMs: number }>
  /** The same, for a process that may end before it listens. */
  startOrDie(more?: Partial<ProcessOptions>): Promise<number | null>
  kill(): Promise<void>
  isRunning(): boolean
  /** Resolves when the process has ended by itself. */
  ended(): Promise<void>
  produce(value: Uint8Array): Promise<void>
  /** Until the sink has nothing left; throws when it stands still. */
  drain(): Promise<void>
  stop(): Promise<void>
}

export function createPipelineUnderFault(base: Pick<ProcessOptions, 'data' | 'bus'>): PipelineUnderFault {
  let child: ChildProcess | undefined

  const answer = <K extends FromProcess['kind']>(kind: K): Promise<Extract<FromProcess, { kind: K }>> =>
    new Promise((resolve, reject) => {
      const process = child
      if (process === undefined || process.exitCode !== null || process.signalCode !== null)
        return reject(new Error(`nothing runs that could answer ${kind}`))
      const onMessage = (message: FromProcess) => {
        if (message.kind !== kind) return
        process.off('exit', onExit)
        process.off('message', onMessage)
        resolve(message as Extract<FromProcess, { kind: K }>)
      }
      const onExit = (code: number | null, signal: string | null) => {
        process.off('message', onMessage)
        reject(new Error(`ended (${code ?? signal}) before it answered ${kind}`))
      }
      process.on('message', onMessage)
      process.once('exit', onExit)
    })
  /** A process that has ended is told nothing; whoever waits for its answer learns of its end. */
  const tell = (message: ToProcess) => {
    if (child?.connected === true) child.send(message, () => undefined)
  }
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null

  const start = async (more: Partial<ProcessOptions> = {}) => {
    const started = performance.now()
    child = fork(script, [JSON.stringify({ ...base, ...more })], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    const { port } = await answer('listening')
    return { port, recoveryMs: performance.now() - started }
  }

  return {
    start,
    isRunning,
    startOrDie: more =>
      start(more).then(
        ({ port }) => port,
        () => null,
      ),
    kill: async () => {
      if (!isRunning() || child === undefined) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
    ended: async () => {
      if (isRunning() && child !== undefined) await once(child, 'exit')
    },
    produce: async value => {
      const produced = answer('produced')
      tell({ kind: 'produce', base64: Buffer.from(value).toString('base64') })
      await produced
    },
    drain: async () => {
      let least = Number.POSITIVE_INFINITY
      let leastAt = Date.now()
      for (;;) {
        const lag = answer('lag')
        tell({ kind: 'lag' })
        const { records } = await lag
        if (records === 0) return
        if (records < least) [least, leastAt] = [records, Date.now()]
        if (Date.now() - leastAt > longestStandstillMs) throw new Error(`the sink stands still at ${records} records`)
        await new Promise(resolve => setTimeout(resolve, 25))
      }
    },
    stop: async () => {
      if (!isRunning() || child === undefined) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}
