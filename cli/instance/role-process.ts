import { resolve } from 'node:path'
import { NinefoldError } from '../../lib/errors.ts'
import type { LoadedConfig } from '../config.ts'
import { type RoleContext, type RoleOptions, withContext } from './role-context.ts'
import type { ProcessRole } from './role-names.ts'
import type { StartedRole } from './started-role.ts'

export interface RoleProcess extends StartedRole {
  readonly metricsUrl: string
  stop(reason: string): Promise<void>
}

type Origins = LoadedConfig['origins']

/** One role against the bus and the store of the configuration. @throws CONFIG_INVALID when they are embedded, and what the role throws. */
export function startRole(
  role: ProcessRole,
  options: RoleOptions & { readonly origins: Origins },
): Promise<RoleProcess> {
  refuseEmbedded(role, options)
  const { origins, ...rest } = options
  const claimNothing = async () => undefined
  return withContext(rest, claimNothing, context => starters[role](context, origins))
}

/** What is embedded is one process's own. */
function refuseEmbedded(role: ProcessRole, { config }: RoleOptions): void {
  const missing = [
    ...(config.bus === 'embedded' ? ['bus to Kafka brokers (--set bus=kafka:9092)'] : []),
    ...(config.store === 'embedded' && role !== 'ingest'
      ? ['store to the URL of a ClickHouse server (--set store=http://clickhouse:8123)']
      : []),
  ]
  if (missing.length === 0) return
  const message = `run ${role} works with other processes, and what is embedded belongs to one: set ${missing.join(' and ')}`
  throw new NinefoldError('CONFIG_INVALID', `${message}; ninefold up runs every role in one process`)
}

/** A process loads what its role needs. */
const starters: Readonly<Record<ProcessRole, (context: RoleContext, origins: Origins) => Promise<StartedRole>>> = {
  ingest: async context => (await import('./ingest-role.ts')).runIngest(context),
  sink: async context => (await import('./sink-role.ts')).runSink(context),
  compute: async context => (await import('./compute-role.ts')).runCompute(context),
  prober: async context => (await import('./prober-role.ts')).runProber(context),
  api: async (context, origins) => {
    // Only an API follows a folder, and only where somebody says which one: all go by the ledger in the store.
    const directory = origins.specs === 'default' ? null : resolve(context.config.specs)
    return (await import('./api-role.ts')).runApi(context, directory)
  },
}
