import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProcessRole, RoleName } from '../../cli/instance/role-names.ts'
import { mountsOf, readCompose } from '../deploy/compose-file.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../factories/clickhouse-http/start.ts'
import { type KafkaCluster, startKafka } from '../factories/kafka-broker.ts'
import { removeFolder } from '../factories/ninefold.ts'
import { type RoleUnderTest, roleProcess } from '../factories/role-process.ts'
import { specText } from '../faults/roles/shop-of-many.ts'

const { services: composed } = readCompose()
const config = composed.api === undefined ? '' : (mountsOf(composed.api)[0]?.source ?? '')
const places = ['listen=127.0.0.1', 'store.database=default', 'store.username=default']
const noSecrets = ['store.passwordFile=', 'store.readerUsername=', 'store.readerPasswordFile=']
/** `KAFKA_LOG_RETENTION_HOURS: 72` is `log.retention.hours=72`, without those that say where and who. */
const brokerSettings = Object.entries(composed.kafka?.environment ?? {})
  .filter(([name]) => !/LISTENER|VOTERS|NODE_ID|PROCESS_ROLES|LOG_DIRS/.test(name))
  .map(([name, value]) => `${name.replace('KAFKA_', '').toLowerCase().replaceAll('_', '.')}=${value}`)

export type Pair = readonly [RoleUnderTest, RoleUnderTest]
export interface ComposedRoles {
  readonly folder: string
  readonly kafka: KafkaCluster
  readonly server: ClickHouseHttp
  /** The second asks for `token`. */
  readonly ingests: Pair
  /** On one data directory, as two processes of one machine may be; so are the sinks. */
  readonly apis: Pair
  readonly sinks: Pair
  readonly computes: Pair
  /** Not started yet; it may ask this machine. */
  readonly prober: RoleUnderTest<'prober'>
  /** One after the other. */
  readonly all: readonly RoleUnderTest[]
  readonly token: string
  close(): Promise<void>
}

/**
 * Two processes of each role over a real broker and the engine behind HTTP, with the configuration and the broker's settings of
 * deploy/compose.yaml as far as they are not places, users and secrets.
 */
export async function startComposedRoles(): Promise<ComposedRoles> {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-roles-'))
  const token = 'token-of-the-collector'
  mkdirSync(join(folder, 'specs'))
  writeFileSync(join(folder, 'specs', 'slos.yaml'), specText)
  writeFileSync(join(folder, 'token'), `${token}\n`)
  const [kafka, server] = await Promise.all([
    startKafka({ properties: brokerSettings }),
    startClickHouseHttp({ folder }),
  ])
  const sets = [...places, ...noSecrets, `bus=${kafka.addresses.join()}`, `store=${server.url}`, 'kafka.shards=4']
  const allowed = ['synthetics.allowHosts=127.0.0.1', 'synthetics.resourceAttributes=cloud.region=eu-west-1']
  const role = <const R extends ProcessRole>(name: R, tokensFile = '') =>
    roleProcess(name, {
      config,
      data: join(folder, name),
      sets: [...sets, `auth.tokensFile=${tokensFile}`, 'kafka.sessionTimeout=3s', 'log.level=warn', ...allowed],
      ...(name === 'api' ? { specs: join(folder, 'specs') } : {}),
    })
  const two = (name: RoleName): Promise<Pair> => Promise.all([role(name), role(name)])
  const ingests = await Promise.all([role('ingest'), role('ingest', join(folder, 'token'))])
  const [apis, sinks, computes] = [await two('api'), await two('sink'), await two('compute')]
  const prober = await role('prober')
  const all = [...ingests, ...apis, ...computes, ...sinks]
  const close = async () => {
    await Promise.all([...all, prober].map(each => each.kill('SIGKILL')))
    await server.kill('SIGKILL')
    await kafka.close()
    removeFolder(folder)
  }
  try {
    for (const each of all) each.start()
    for (const each of all) await each.untilReady()
  } catch (error) {
    await close()
    throw error
  }
  return { folder, kafka, server, ingests, apis, sinks, computes, prober, all, token, close }
}
