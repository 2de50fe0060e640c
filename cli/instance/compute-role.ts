import { createEvaluator, type Evaluator } from '../../compute/jobs/evaluator.ts'
import { type ShardLease, specsOfShards } from '../../compute/jobs/shard-lease.ts'
import { createPagerDutySender } from '../../compute/notify/pagerduty.ts'
import { createReports } from '../../compute/reports/create-reports.ts'
import type { Clock } from '../../lib/clock.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { Store } from '../../store/client/store.ts'
import { readSecretFile } from '../config.ts'
import type { Config } from '../config-keys.ts'
import { createMetricsFeed } from './metrics-feed.ts'
import type { RoleContext } from './role-context.ts'

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
    clock,
    logger,
    meter,
    rawRetentionSeconds: config['retention.raw'],
    cpuShare: config['compute.cpuShare'],
  })
  const mine = ownSpecs(specs, lease)
  const feed = createMetricsFeed({
    reports: createReports({ reader: store.reader, specs: mine, clock }),
    edition: () => evaluator.stats().evaluations,
    clock,
    logger,
  })
  metrics.observeSlos(feed.snapshot)
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
  const routingKeyFile = config['pagerduty.routingKeyFile']
  const url = config['pagerduty.url']
  if (routingKeyFile === null || url === null) return []
  readSecretFile('pagerduty.routingKeyFile', routingKeyFile)
  const allowHosts = config['notify.allowHosts']
  const base = url.replace(/\/v2\/enqueue$/, '')
  return [createPagerDutySender({ url: base, routingKeyFile, links: { viewerUrl }, allowHosts, clock })]
}
