import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Config } from '../config-keys.ts'
import { roleNames } from '../instance/role-names.ts'
import { packageVersion } from '../package-version.ts'
import { startRoleProcesses } from './role-processes.ts'

/** What the shop sends to and people look at. */
export interface DemoSystem {
  readonly otlpUrl: string
  readonly apiUrl: string
  readonly metricsUrl: string
  /** A line about the processes; empty when it is this one alone. */
  readonly processes: string
  stop(): Promise<void>
}

export interface DemoSystemOptions {
  /** With what the demo needs of its own. */
  readonly config: Config
  readonly configArguments: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
  readonly logFile: string
  readonly say: (line: string) => void
}

/** Every role in this process over the embedded bus, or the four roles in processes of their own over Kafka. */
export async function startDemoSystem(options: DemoSystemOptions): Promise<DemoSystem> {
  const { config, clock, logger } = options
  if (config.bus !== 'embedded') return await startOverKafka(options)
  // The engine's library is large: only verbs that run an instance load it.
  const { startInstance } = await import('../instance/instance.ts')
  const instance = await startInstance({ config, clock, logger, version: packageVersion() })
  const { otlpUrl } = instance
  if (otlpUrl === null)
    throw new NinefoldError('CONFIG_INVALID', 'the demo sends telemetry of its own: leave out store.tables')
  return { ...instance, otlpUrl, processes: '', stop: () => instance.stop('demo ends') }
}

async function startOverKafka({
  config,
  configArguments,
  clock,
  logFile,
  say,
}: DemoSystemOptions): Promise<DemoSystem> {
  if (config.store === 'embedded') {
    const message =
      'the demo over Kafka is four processes, and they cannot share an embedded store: set store, e.g. --store'
    throw new NinefoldError('CONFIG_INVALID', `${message} http://clickhouse:8123`)
  }
  const keys = ['data', 'specs', 'pagerduty.url', 'pagerduty.routingKeyFile', 'compute.cpuShare', 'log.level'] as const
  const roles = await startRoleProcesses({
    configArguments,
    sets: [
      ...keys.map(key => `${key}=${config[key]}`),
      `notify.allowHosts=${config['notify.allowHosts'].join()}`,
      `viewer.url=${config['viewer.url'] ?? `http://127.0.0.1:${config['api.port']}`}`,
    ],
    // The configured port is that of the compute, which shows the SLOs.
    own: { ingest: ['metrics.port=0'], sink: ['metrics.port=0'], api: ['metrics.port=0'] },
    logFile,
    clock,
    onEnd: (role, how) => say(`run ${role} ended (${how}); it is started again`),
  })
  const pids = roles.pids()
  return { ...roles, processes: roleNames.map(role => `${role} ${pids[role]}`).join(', ') }
}

/** Where what the roles say goes. */
export function demoLogFile(data: string): string {
  return join(data, 'demo.log')
}
