import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EngineUser, engineUsers } from './engine-user.ts'

/**
 * Writes the engine's configuration: its one user, and a cluster of that name whose one server is this engine.
 * @returns arguments for the engine.
 */
export function writeEngineConfig(
  folder: string,
  settings: {
    readonly as?: EngineUser | undefined
    readonly cluster?: string
    readonly shards?: number
    readonly hasKeeper?: boolean
  },
): readonly string[] {
  const { as, cluster, shards = 1, hasKeeper = false } = settings
  const parts: string[] = []
  if (as !== undefined) {
    const users = join(folder, 'users.xml')
    writeFileSync(users, engineUsers(as))
    parts.push(`<users_config>${users}</users_config>`)
  }
  if (cluster !== undefined) {
    // The port is the engine's own, so that the shard is recognised as local.
    const shard =
      '<shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host></replica></shard>'
    const servers = `<remote_servers><${cluster}>${shard.repeat(shards)}</${cluster}></remote_servers>`
    parts.push(`<tcp_port>9000</tcp_port>${servers}<macros><shard>1</shard><replica>1</replica></macros>`)
  }
  if (hasKeeper) parts.push('<zookeeper><implementation>testkeeper</implementation></zookeeper>')
  if (parts.length === 0) return []
  const config = join(folder, 'engine-config.xml')
  writeFileSync(config, `<clickhouse>${parts.join('')}</clickhouse>`)
  return [`--config-file=${config}`]
}

/**
 * What the embedded engine lacks of a cluster, for its one server: statements ON CLUSTER run here and now, and tables that would replicate
 * keep their rows themselves, with the same number of tokens. What tests alone do to a table, emptying it, is done where its rows are.
 */
export function onOneServer(sql: string, hasKeeper: boolean): string {
  const here = sql.replace(/ ON CLUSTER `[^`]+`/g, '')
  if (hasKeeper) return here
  return here
    .replace(/^(TRUNCATE TABLE \w+)$/, '$1_local')
    .replace(/^(ALTER TABLE \w+)( DELETE WHERE)/, '$1_local$2')
    .replace(/(DROP (?:TABLE|VIEW)[^;]*) SYNC$/, '$1')
    .replace(/\bReplicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?/g, '$1(')
    .replace(/\breplicated_deduplication_window_seconds = \d+,?\s*/g, '')
    .replace(/\breplicated_deduplication_window\b(?=[^']*$)/g, 'non_replicated_deduplication_window')
    .replace(/, replicated_deduplication_window_seconds$/, '')
    .replace(/,\s*$/, '')
}
