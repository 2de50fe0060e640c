import { hostname } from 'node:os'
import { otlpTopics, type Producer } from '../../ingest/bus/bus.ts'
import { createProber } from '../../ingest/synthetics/prober.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { SyntheticTransaction } from '../../slo-specs/schema/transaction-model.ts'
import type { Config } from '../config-keys.ts'
import { openProducer } from './bus-parts.ts'
import { openStore } from './open-store.ts'
import type { RoleContext } from './role-context.ts'
import { startSpecs } from './specs-role.ts'
import type { StartedRole } from './started-role.ts'
import { refuseForeignTables } from './store-settings.ts'

export interface ProberParts {
  readonly producer: Producer
  readonly specs: () => SpecSet
  /** Whether this process is the one that runs them now. */
  readonly isMine: () => boolean
}

const none: readonly SyntheticTransaction[] = []

/** Runs the synthetic transactions of the specs in force; their results go onto the bus. */
export function startProber(context: RoleContext, { producer, specs, isMine }: ProberParts): void {
  const { config, clock, logger, meter, version, shutdown } = context
  const prober = createProber({
    transactions: () => (isMine() ? (specs().transactions ?? none) : none),
    producer,
    rules: { allowHosts: config['synthetics.allowHosts'] },
    resource: placeOf(config),
    ...{ clock, logger, meter, version },
  })
  prober.start()
  shutdown.register('stop-accepting', 'prober', () => prober.stop())
}

/** Where requests come from. */
function placeOf(config: Config): Record<string, string> {
  const written = config['synthetics.resourceAttributes'].map(attribute => {
    const [name = '', ...value] = attribute.split('=')
    return [name, value.join('=')]
  })
  return { 'host.name': hostname(), ...Object.fromEntries(written) }
}

/** One place that requests come from: a second process of it would make every run twice. */
export async function runProber(context: RoleContext): Promise<StartedRole> {
  refuseForeignTables(context.config)
  const store = await openStore(context, context.config.data)
  const specs = await startSpecs(context, store, null)
  const { producer } = await openProducer(context, Object.values(otlpTopics))
  startProber(context, { producer, specs: specs.source.current, isMine: () => true })
  return { urls: {} }
}
