import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { NinefoldError } from '../../lib/errors.ts'
import type { Order, Report } from './shop/messages.ts'
import type { ServiceName } from './shop/topology.ts'

export type ShopProcessName = ServiceName | 'traffic'

export interface ShopProcess {
  readonly name: ShopProcessName
  readonly pid: number
  tell(order: Order): void
  /** The next report of this kind. @throws DEMO_SHOP_FAILED when none comes in time or the process ends before. */
  hear<K extends Report['kind']>(kind: K): Promise<Extract<Report, { kind: K }>>
  /** Calls `listener` with every report from now on. */
  listen(listener: (told: Report) => void): void
  /** Lets the process send what is in hand and end; ends it by force when it does not. */
  end(): Promise<void>
}

export interface ShopProcessOptions {
  readonly otlpEndpoint: string
  readonly token?: string
  readonly compileCache: string
}

const hearTimeoutMs = 30_000
const endTimeoutMs = 4000
/** Small heaps: a process of the shop needs some 12 MB. */
const nodeFlags = ['--max-semi-space-size=1', '--max-old-space-size=64', '--optimize-for-size']
/** Bytes of a process's last words that are kept for the error message. */
const lastWordsLength = 2000

/** Forks one process of the shop with the same Node; `crashed` hears of it once when it ends without being asked to. */
export function startShopProcess(
  name: ShopProcessName,
  args: readonly string[],
  options: ShopProcessOptions,
  crashed: (error: NinefoldError) => void,
): ShopProcess {
  const child = fork(fileURLToPath(new URL(`./shop/${name}.ts`, import.meta.url)), [...args], {
    execArgv: nodeFlags,
    env: environment(options),
    // Nothing of the shop belongs on the demo's terminal; what a process says before it fails goes into the error.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let lastWords = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    lastWords = (lastWords + bytes.toString('utf8')).slice(-lastWordsLength)
  })
  let ending = false
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const failure = (what: string) =>
    new NinefoldError('DEMO_SHOP_FAILED', `${name} ${what}${lastWords === '' ? '' : `: ${lastWords.trim()}`}`)
  child.once('error', error => crashed(failure(`did not start (${error.message})`)))
  void exited.then(() => ending || crashed(failure(`ended by itself (${child.exitCode ?? child.signalCode})`)))

  return {
    name,
    pid: child.pid ?? 0,
    tell: told => {
      if (child.connected) child.send(told)
    },
    listen: listener => void child.on('message', message => listener(message as Report)),
    hear: kind =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => finish(() => reject(failure('did not answer in time'))), hearTimeoutMs)
        const finish = (settle: () => void) => {
          clearTimeout(timer)
          child.off('message', listener)
          settle()
        }
        const listener = (message: unknown) => {
          const told = message as Report
          if (isOfKind(told, kind)) finish(() => resolve(told))
        }
        child.on('message', listener)
        void exited.then(() => finish(() => reject(failure('ended before it answered'))))
      }),
    end: async () => {
      ending = true
      if (child.connected) child.send({ kind: 'stop' } satisfies Order)
      const timer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs)
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await exited
      clearTimeout(timer)
    },
  }
}

const isOfKind = <K extends Report['kind']>(told: Report, kind: K): told is Extract<Report, { kind: K }> =>
  told.kind === kind

/** What the exporters and Node read; nothing of the demo's own environment. */
function environment({ otlpEndpoint, token, compileCache }: ShopProcessOptions): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint,
    ...(token === undefined ? {} : { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${token}` }),
    NODE_COMPILE_CACHE: compileCache,
  }
}
