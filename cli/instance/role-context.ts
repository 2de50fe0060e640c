import type { Meter } from '@opentelemetry/api'
import { type MetricsServer, startMetricsServer } from '../../api/metrics/metrics-server.ts'
import { refuseOpenDoor } from '../../lib/access.ts'
import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { createShutdown, type Shutdown } from '../../lib/shutdown.ts'
import { readSecretFile } from '../config.ts'
import type { Config } from '../config-keys.ts'
import { untilAborted } from '../until-aborted.ts'
import { createHealth, type Health } from './health.ts'

export interface RoleOptions {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly version: string
  /** Asks to stop: a start that is under way is given up. Once it is started its `stop` is what stops it. */
  readonly signal?: AbortSignal
}

/** What there is before a port is taken. */
export interface ProcessContext extends RoleOptions {
  /** Bearer tokens of which one must be sent; null asks for none. */
  readonly tokens: readonly string[] | null
  readonly shutdown: Shutdown
  readonly health: Health
}

/** What every role of a process shares. */
export interface RoleContext extends ProcessContext {
  readonly metrics: MetricsServer
  readonly meter: Meter
}

const shutdownLimits = { stepTimeoutMs: 5000, totalMs: 8000 }

/**
 * What only one process may have first (`claim`), then metrics and probes, then what `start` starts; what was begun is let go again when a
 * step fails. Brokers and servers that do not answer may hold a start up for as long as it takes: whoever asks to stop meanwhile is not kept.
 * @throws LISTEN_WITHOUT_TOKENS, PORT_IN_USE, what `start` throws, and the reason of `signal` when it comes before the start is over.
 */
export async function withContext<C, T>(
  options: RoleOptions,
  claim: (context: ProcessContext) => Promise<C>,
  start: (context: RoleContext, claimed: C) => Promise<T>,
): Promise<T & { readonly metricsUrl: string; stop(reason: string): Promise<void> }> {
  const { config, clock, logger, signal } = options
  const tokens = readTokens(config)
  refuseOpenDoor(config.listen, tokens)
  const shutdown = createShutdown({ logger, ...shutdownLimits })
  try {
    const health = createHealth(clock)
    const { readiness } = health
    // Until everything is started the process is alive and not ready.
    let isStarted = false
    health.add('start', () => (isStarted ? null : 'still starting'))
    const process = { ...options, tokens, shutdown, health }
    const claimed = await claim(process)
    signal?.throwIfAborted()
    const metrics = await startMetricsServer(config.listen, config['metrics.port'], { clock, readiness })
    shutdown.register('close', 'metrics', () => metrics.close())
    const { meter } = metrics
    const started = await orAborted(start({ ...process, metrics, meter }, claimed), signal)
    isStarted = true
    return { ...started, metricsUrl: metrics.url, stop: reason => shutdown.run(reason) }
  } catch (error) {
    await shutdown.run('start failed')
    throw error
  }
}

/** What comes of `work`. @throws the reason of `signal` when that comes first; nobody waits for the work then. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work
  const aborted = untilAborted(signal).then(() => Promise.reject(signal.reason))
  return await Promise.race([work, aborted])
}

function readTokens(config: Config): readonly string[] | null {
  const file = config['auth.tokensFile']
  if (file === null) return null
  const tokens = readSecretFile('auth.tokensFile', file)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
  if (tokens.length === 0) throw new NinefoldError('CONFIG_INVALID', `auth.tokensFile: ${file} holds no token`)
  return tokens
}
