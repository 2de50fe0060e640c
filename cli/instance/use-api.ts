import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createApi } from '../../api/server.ts'
import { createSpecDesk } from '../../compute/jobs/spec-desk.ts'
import { createSpecLedger } from '../../compute/jobs/spec-ledger.ts'
import { createSpecsInForce } from '../../compute/jobs/specs-in-force.ts'
import { createReports } from '../../compute/reports/create-reports.ts'
import { createRatioReports } from '../../compute/reports/ratio-reports.ts'
import { createDeadLetterBox } from '../../ingest/sink/dead-letter-box.ts'
import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createShutdown } from '../../lib/shutdown.ts'
import { createStore } from '../../store/client/create-store.ts'
import { migrateStore } from '../../store/migrations/migrate-store.ts'
import { readSecretFile } from '../config.ts'
import type { Config } from '../config-keys.ts'
import { packageVersion } from '../package-version.ts'
import { openProducerAtRest } from './at-rest-producer.ts'
import { createBoards } from './boards.ts'
import { type ApiClient, createApiClient, findInstance } from './running-instance.ts'
import { readSpecsAtRest } from './spec-source.ts'
import { storeLocation } from './store-settings.ts'

const stepTimeoutMs = 5000

/**
 * Hands over the API of the instance that `api.url` names, or that runs on the configured data directory. When there is none, nobody else has the directory: it is
 * opened for as long as `use` takes, and the same API is served from it (or from the configured server) on a loopback port under a
 * token of its own.
 * @throws NOT_RUNNING when none runs and there is no data either.
 */
export async function useApi(
  config: Config,
  clock: Clock,
  use: (api: ApiClient) => Promise<void>,
): Promise<'running' | 'at rest'> {
  const data = resolve(config.data)
  const apiUrl = config['api.url'] ?? findInstance(data)?.apiUrl
  if (apiUrl !== undefined) {
    const file = config['auth.tokensFile']
    const token = file === null ? undefined : readSecretFile('auth.tokensFile', file).split('\n')[0]?.trim()
    await use(createApiClient(apiUrl, token))
    return 'running'
  }
  if (config.store === 'embedded' && !existsSync(join(data, 'store'))) {
    throw new NinefoldError('NOT_RUNNING', `no instance runs on ${data}, and there is no data in it`)
  }
  const shutdown = createShutdown({ logger: silentLogger, stepTimeoutMs })
  try {
    await use(await openAtRest(config, data, clock, shutdown))
  } finally {
    await shutdown.run('the command is done')
  }
  return 'at rest'
}

async function openAtRest(
  config: Config,
  data: string,
  clock: Clock,
  shutdown: ReturnType<typeof createShutdown>,
): Promise<ApiClient> {
  const store = await createStore(storeLocation(config, data))
  shutdown.register('close', 'store', () => store.close())
  await migrateStore(store, { clock, logger: silentLogger })
  const producer = await openProducerAtRest(config, data, clock, shutdown)
  const ledger = createSpecLedger({ writer: store.writer, clock })
  const inForce = createSpecsInForce({ ledger, logger: silentLogger })
  // What others share is what the ledger says; a folder here is not theirs.
  if (store.kind === 'remote') await inForce.load()
  else await readSpecsAtRest({ directory: resolve(config.specs), inForce, ledger })
  const token = randomBytes(24).toString('base64url')
  const seen = { reader: store.reader, specs: inForce.current, clock }
  const reports = createReports(seen)
  const ratios = createRatioReports(seen)
  const api = createApi({
    reports,
    ratios,
    pipeline: () => {
      throw new NinefoldError('NOT_RUNNING', 'nothing is under way while no instance runs')
    },
    deadLetters: createDeadLetterBox({ writer: store.writer, producer, clock }),
    dashboards: createBoards({ ...seen, reports, ratios }),
    specDesk: createSpecDesk({
      ...{ reader: store.reader, ledger, inForce, clock },
      rawRetentionSeconds: config['retention.raw'],
    }),
    readiness: async () => [],
    tokens: [token],
    logger: silentLogger,
    version: packageVersion(),
  })
  const listening = await api.listen('127.0.0.1', 0)
  shutdown.register('stop-accepting', 'api', () => listening.close())
  return createApiClient(listening.url, token)
}
