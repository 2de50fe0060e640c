import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RoleName } from '../../../cli/instance/role-names.ts'
import { startClickHouseHttp } from '../../factories/clickhouse-http/start.ts'
import { type KafkaCluster, startKafka } from '../../factories/kafka-broker.ts'
import { removeFolder } from '../../factories/ninefold.ts'
import { type RoleUnderTest, roleProcess } from '../../factories/role-process.ts'
import { waitFor } from '../processes.ts'

/** A broker and a store, and roles that work between them. */
export interface Surroundings {
  readonly folder: string
  readonly kafka: KafkaCluster
  readonly storePid: number
  /** Starts a role and waits until it is ready. */
  role(name: RoleName, ...sets: readonly string[]): Promise<RoleUnderTest>
  /** Rows of one query, as JSON objects. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  storedSpans(): Promise<number>
  untilStored(spans: number): Promise<void>
  close(): Promise<void>
}

const longestSettleMs = 240_000

export async function startSurroundings(partitions: number): Promise<Surroundings> {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-bench-kafka-'))
  const roles: RoleUnderTest[] = []
  const closing: (() => unknown)[] = [() => removeFolder(folder)]
  const close = async () => {
    await Promise.all(roles.map(({ kill }) => kill('SIGKILL')))
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    // For the Collector, which makes its topic by asking for it.
    const properties = ['auto.create.topics.enable=true', `num.partitions=${partitions}`]
    const kafka = await startKafka({ properties, longLived: true })
    closing.push(() => kafka.close())
    const store = await startClickHouseHttp({ folder })
    closing.push(() => store.kill('SIGKILL'))
    const rows: Surroundings['rows'] = async sql => {
      const response = await fetch(store.url, { method: 'POST', body: `${sql} FORMAT JSONEachRow` })
      const text = await response.text()
      if (!response.ok) throw new Error(text)
      return text
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line) as Record<string, unknown>)
    }
    const storedSpans = async () => Number((await rows('SELECT count() AS spans FROM otel_traces'))[0]?.spans)
    const common = [
      `bus=${kafka.addresses.join()}`,
      `store=${store.url}`,
      `kafka.partitions=${partitions}`,
      'log.level=warn',
    ]
    return {
      folder,
      kafka,
      storePid: store.pid,
      rows,
      storedSpans,
      untilStored: spans =>
        waitFor(`${spans} spans stored`, longestSettleMs, async () =>
          (await storedSpans()) >= spans ? true : undefined,
        ).then(() => undefined),
      role: async (name, ...sets) => {
        const made = await roleProcess(name, {
          data: join(folder, `${name}-${roles.length}`),
          sets: [...common, ...sets],
        })
        roles.push(made)
        made.start()
        await made.untilReady()
        return made
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
