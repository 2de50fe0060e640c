import { createArrivalCounter } from '../../compute/jobs/arrival-counter.ts'
import { createEvaluator, type Evaluator } from '../../compute/jobs/evaluator.ts'
import { type ShardLease, specsOfShards } from '../../compute/jobs/shard-lease.ts'
import { createPagerDutySender } from '../../compute/notify/pagerduty.ts'
import { createReports } from '../../compute/reports/create-reports.ts'
import { createRatioReports } from '../../compute/reports/ratio-reports.ts'
import { createClickHouseSource } from '../../compute/sources/clickhouse.ts'
import { createPrometheusSource } from '../../compute/sources/prometheus.ts'
import type { Clock } from '../../lib/clock.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { Store } from '../../store/client/store.ts'
import { checkSecretsFolder, readSecretFile } from '../config.ts'
import type { Config } from '../config-keys.ts'
import { openLease } from './bus-parts.ts'
import { createMetricsFeed } from './metrics-feed.ts'
import { keepRetention, openStore } from './open-store.ts'
import type { RoleContext } from './role-context.ts'
import { startSpecs } from './specs-role.ts'
import type { StartedRole } from './started-role.ts'
import { existingTables } from './store-settings.ts'
import { lateOrNull } from './unready-reasons.ts'

export interface ComputeParts {
  readonly store: Store
  readonly specs: () => SpecSet
  readonly lease: ShardLease
  /** Where the links in pages lead. */
  readonly viewerUrl: string
}

/** From rows to budgets and pages, and the series of the SLOs that this process has. */
export function startCompute(context: RoleContext, { store, specs, lease, viewerUrl }: ComputeParts): Evaluator {
  const { config, clock, logger, meter, metrics, shutdown } = context
  const evaluator = createEvaluator({
    store,
    specs,
    lease,
    senders: pagerDutySenders(config, clock, viewerUrl),
    sources: {
      prometheus: createPrometheusSource({
        allowHosts: config['sources.allowHosts'],
        secretsDirectory: config['sources.secretsDirectory'],
      }),
      clickhouse: createClickHouseSource(store.guest),
    },
    clock,
    logger,
    meter,
    rawRetentionSeconds: config['retention.raw'],
    cpuShare: config['compute.cpuShare'],
  })
  const mine = ownSpecs(specs, lease)
  const feed = createMetricsFeed({
    reports: createReports({ reader: store.reader, specs: mine, clock }),
    ratios: createRatioReports({ reader: store.reader, specs: mine, clock }),
    edition: () => evaluator.stats().evaluations,
    clock,
    logger,
  })
  metrics.observeSlos(feed.snapshot)
  if (existingTables(config) !== null) {
    const counter = createArrivalCounter({
      writer: store.compute,
      ...{ clock, logger, rawRetentionSeconds: config['retention.raw'], onArrivals: () => evaluator.wake() },
      isMine: () => lease.current().held.includes(0),
    })
    counter.start()
    shutdown.register('drain', 'arrival counter', () => counter.stop())
  }
  evaluator.start()
  shutdown.register('drain', 'evaluator', () => evaluator.stop())
  feed.start()
  shutdown.register('drain', 'metrics feed', () => feed.stop())
  return evaluator
}

/** Each SLO has its series in one process only. */
function ownSpecs(specs: () => SpecSet, lease: ShardLease): () => SpecSet {
  let known: { readonly of: SpecSet; readonly term: number; readonly held: number; readonly own: SpecSet } | undefined
  return () => {
    const [of, shards] = [specs(), lease.current()]
    const held = shards.held.length
    if (known?.of !== of || known.term !== shards.term || known.held !== held)
      known = { of, term: shards.term, held, own: specsOfShards(of, shards) }
    return known.own
  }
}

function pagerDutySenders(config: Config, clock: Clock, viewerUrl: string) {
  const [url, routingKeyFile] = [config['pagerduty.url'], config['pagerduty.routingKeyFile']]
  const routingKeysDirectory = config['pagerduty.routingKeysDirectory']
  if (!isPaging(config) || url === null) return []
  if (routingKeyFile !== null) readSecretFile('pagerduty.routingKeyFile', routingKeyFile)
  if (routingKeysDirectory !== null) checkSecretsFolder('pagerduty.routingKeysDirectory', routingKeysDirectory)
  const allowHosts = config['notify.allowHosts']
  const keys = { routingKeyFile, routingKeysDirectory }
  const base = url.replace(/\/v2\/enqueue$/, '')
  return [createPagerDutySender({ url: base, ...keys, links: { viewerUrl }, allowHosts, clock })]
}

/** There is a routing key, for all or for some targets. */
function isPaging(config: Config): boolean {
  return config['pagerduty.routingKeyFile'] !== null || config['pagerduty.routingKeysDirectory'] !== null
}

export async function runCompute(context: RoleContext): Promise<StartedRole> {
  const { config, logger } = context
  const store = await openStore(context, config.data)
  await keepRetention(context, store)
  const specs = await startSpecs(context, store, null)
  const lease = await openLease(context)
  const viewerUrl = config['viewer.url'] ?? `http://${config.listen}:${config['api.port']}`
  if (config['viewer.url'] === null && isPaging(config))
    logger.warn({ viewerUrl }, 'viewer.url is not set: links in pages lead there')
  const evaluator = startCompute(context, { store, specs: specs.source.current, lease, viewerUrl })
  context.health.add('evaluation', () => lateOrNull(evaluator.stats().lastTickAtMs, context.clock.now()))
  return { urls: {} }
}
