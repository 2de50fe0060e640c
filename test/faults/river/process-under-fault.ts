import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A message to or from a process, told apart by its kind. */
interface Message {
  readonly kind: string
}

/** One role of the river in a process of its own; it can be ended in any way and started again. */
export interface ProcessUnderFault<Options, Answers extends Message> {
  /** Resolves when it says that it is ready, or ends before that. @returns whether it is ready. */
  start(more?: Partial<Options>): Promise<boolean>
  /** SIGSTOP and SIGCONT halt it and let it go on; what ends it is waited for. */
  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void>
  isRunning(): boolean
  /** Resolves when it says this, or ends before. */
  told(kind: Answers['kind']): Promise<void>
  /** Resolves when it has ended, by whatever. */
  ended(): Promise<void>
  /** Tells it, and waits for the answer of the same kind; null when it ends before. */
  ask<K extends Answers['kind']>(message: {
    readonly kind: K
    readonly stepMs?: number
  }): Promise<Extract<Answers, { kind: K }> | null>
}

/**
 * @param script beside this file; its argument is the JSON of the options.
 * @param onMessage hears everything that it says, asked or not.
 */
export function createProcessUnderFault<Options, Answers extends Message>(
  script: string,
  base: Options,
  onMessage: (message: Answers) => void = () => undefined,
): ProcessUnderFault<Options, Answers> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  let child: ChildProcess | undefined
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null

  const answer = (kind: string): Promise<Message | null> =>
    new Promise(resolve => {
      const process = child
      if (process === undefined || !isRunning()) return resolve(null)
      const settle = (message: Message | null) => {
        process.off('message', onAnswer)
        process.off('exit', onExit)
        resolve(message)
      }
      const onAnswer = (message: Message) => {
        if (message.kind === kind) settle(message)
      }
      const onExit = () => settle(null)
      process.on('message', onAnswer)
      process.on('exit', onExit)
    })

  return {
    isRunning,
    start: async more => {
      child = fork(path, [JSON.stringify({ ...base, ...more })], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        execArgv: ['--disable-warning=ExperimentalWarning'],
      })
      child.on('message', message => onMessage(message as Answers))
      return (await answer('ready')) !== null
    },
    signal: async name => {
      if (!isRunning() || child === undefined) return
      const exited = once(child, 'exit')
      child.kill(name)
      if (name === 'SIGKILL' || name === 'SIGTERM') await exited
    },
    told: async kind => {
      await answer(kind)
    },
    ended: async () => {
      if (isRunning() && child !== undefined) await once(child, 'exit')
    },
    ask: async message => {
      const answered = answer(message.kind)
      if (child?.connected === true) child.send(message, () => undefined)
      return (await answered) as never
    },
  }
}
