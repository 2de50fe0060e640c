import process from 'node:process'
import { createApi, type Listening } from '../../api/server.ts'
import { createSpecDesk } from '../../compute/jobs/spec-desk.ts'
import { createReports } from '../../compute/reports/create-reports.ts'
import { createRatioReports } from '../../compute/reports/ratio-reports.ts'
import type { Producer } from '../../ingest/bus/bus.ts'
import { createEventAcceptor } from '../../ingest/events/accept-events.ts'
import { createDeadLetterBox } from '../../ingest/sink/dead-letter-box.ts'
import type { Store } from '../../store/client/store.ts'
import { createBoards } from './boards.ts'
import { openProducer } from './bus-parts.ts'
import { prepareDataDirectory } from './data-directory.ts'
import { openStore } from './open-store.ts'
import { createPipelineReport, type PipelineParts } from './pipeline-report.ts'
import type { RoleContext } from './role-context.ts'
import { removeInstanceFile, writeInstanceFile } from './running-instance.ts'
import { type Specs, startSpecs } from './specs-role.ts'
import type { StartedRole } from './started-role.ts'
import { existingTables } from './store-settings.ts'

export interface ApiParts extends PipelineParts {
  readonly store: Store
  readonly specs: Specs
  /** Where CloudEvents are put, and dead letters again. */
  readonly producer: Producer
  /** How often the numbers have been worked out anew, as far as this process knows. */
  readonly edition: () => number
}

/** API and viewer. */
export async function startApi(context: RoleContext, parts: ApiParts): Promise<Listening> {
  const { config, clock, logger, meter, tokens, version, shutdown, health } = context
  const { store, specs, producer, edition } = parts
  const { ledger, inForce, source } = specs
  const { writer, reader } = store
  const seen = { reader, specs: source.current, clock }
  const reports = createReports(seen)
  const ratios = createRatioReports(seen)
  const api = createApi({
    reports,
    ratios,
    pipeline: createPipelineReport(context, parts),
    deadLetters: createDeadLetterBox({ writer, producer, clock }),
    dashboards: createBoards({ ...seen, reports, ratios }),
    // Where others fill the tables there is no sink that would store them.
    ...(existingTables(config) === null ? { acceptEvents: createEventAcceptor({ producer, clock, meter }) } : {}),
    specDesk: createSpecDesk({ reader, ledger, inForce, clock, rawRetentionSeconds: config['retention.raw'] }),
    readiness: health.readiness,
    edition,
    tokens,
    logger,
    meter,
    version,
    viewerUrl: config['viewer.url'],
  })
  const listening = await api.listen(config.listen, config['api.port'])
  shutdown.register('stop-accepting', 'api', () => listening.close())
  return listening
}

/** @param specsDirectory whose changes are put into force; null for none. */
export async function runApi(context: RoleContext, specsDirectory: string | null): Promise<StartedRole> {
  const { config, shutdown } = context
  const data = prepareDataDirectory(config.data)
  const store = await openStore(context, data)
  const specs = await startSpecs(context, store, specsDirectory)
  const { producer } = await openProducer(context)
  const others = { lag: null, bytesInFlight: null, sink: null, evaluator: null }
  // Other processes work the numbers out, so that a reply is kept for its time only.
  const api = await startApi(context, { ...others, store, specs, producer, edition: () => 0 })
  const instance = { pid: process.pid, apiUrl: api.url, specs: specsDirectory }
  writeInstanceFile(data, instance)
  shutdown.register('close', 'instance file', () => removeInstanceFile(data, instance))
  return { urls: { viewer: api.url, api: `${api.url}/api/v1` } }
}
