import { type Cluster, localName, quoteName } from '../client/cluster.ts'
import { quoteString } from '../client/sql-text.ts'

/**
 * A statement of a migration in the form that it has on a cluster. There is one set of migrations; this is its substitution:
 *
 * - a table becomes `<table>_local`, replicated, on every server, and `<table>`, Distributed over it, so that every read and insert stays as
 *   it is written for one server;
 * - a materialized view reads and fills local tables, within the insert that a shard gets; any other view reads the Distributed ones;
 * - changes go to the local tables, and those of columns to the Distributed ones too, without a column's TTL: they keep no rows.
 *
 * Raw telemetry is sharded by resource; everything else by its sorting key, so that rows that replace one another meet on one shard, which
 * is what FINAL over a Distributed table needs.
 * @throws RangeError for a statement of another kind: it needs a rule here first.
 */
export function forCluster(statement: string, cluster: Cluster): readonly string[] {
  const text = replicatedSettings(statement)
  return (
    createTable(text, cluster) ??
    createMaterializedView(text, cluster) ??
    createView(text, cluster) ??
    dropped(text, cluster) ??
    alterTable(text, cluster) ??
    deleteRows(text, cluster) ??
    insertSelect(text) ??
    refuse(statement)
  )
}

const onCluster = ({ name }: Cluster) => `ON CLUSTER ${quoteName(name)}`

/**
 * Replicated tables remember tokens by number and by age. The number alone is to decide, as it does on one server: whoever was away for a
 * week still replays harmlessly.
 */
const yearSeconds = 31_536_000
function replicatedSettings(statement: string): string {
  return statement
    .replaceAll(
      /\bnon_replicated_deduplication_window = (\d+)/g,
      `replicated_deduplication_window = $1, replicated_deduplication_window_seconds = ${yearSeconds}`,
    )
    .replaceAll(
      /\bRESET SETTING non_replicated_deduplication_window\b/g,
      'RESET SETTING replicated_deduplication_window, replicated_deduplication_window_seconds',
    )
}

function createTable(text: string, cluster: Cluster): readonly string[] | undefined {
  const found =
    /^CREATE TABLE (?:IF NOT EXISTS )?(\w+) (\([\s\S]+\n\)) ENGINE = (\w*MergeTree)(?:\((\w+)\))?\n([\s\S]+)$/.exec(
      text,
    )
  if (found === null) return undefined
  const [, table = '', columns = '', engine = '', version, rest = ''] = found
  const local = localName(table)
  const path = `/clickhouse/tables/{shard}/${cluster.database}/${local}`
  const parameters = [quoteString(path), quoteString('{replica}'), ...(version === undefined ? [] : [version])]
  const distributed = [cluster.name, cluster.database, local].map(quoteString)
  return [
    `CREATE TABLE ${local} ${onCluster(cluster)} ${columns} ENGINE = Replicated${engine}(${parameters.join(', ')})\n${rest}`,
    `CREATE TABLE ${table} ${onCluster(cluster)} AS ${local}\nENGINE = Distributed(${[...distributed, shardingKey(columns, rest)].join(', ')})`,
  ]
}

/** A resource's telemetry stays together; otherwise rows with one sorting key do. */
function shardingKey(columns: string, rest: string): string {
  if (/^ {2}ResourceAttributes Map\(/m.test(columns)) return 'cityHash64(ResourceAttributes)'
  const key = /^ORDER BY (?:\((.+)\)|(\w+))$/m.exec(rest)
  if (key === null) throw new RangeError('a table without a sorting key of one line cannot be sharded')
  return `cityHash64(${key[1] ?? key[2]})`
}

function createMaterializedView(text: string, cluster: Cluster): readonly string[] | undefined {
  const found = /^CREATE MATERIALIZED VIEW (\w+) TO (\w+) AS\n([\s\S]+)$/.exec(text)
  if (found === null) return undefined
  const [, view = '', target = '', select = ''] = found
  const local = select.replaceAll(/^FROM (\w+)$/gm, (_, table: string) => `FROM ${localName(table)}`)
  return [`CREATE MATERIALIZED VIEW ${view} ${onCluster(cluster)} TO ${localName(target)} AS\n${local}`]
}

function createView(text: string, cluster: Cluster): readonly string[] | undefined {
  const found = /^CREATE VIEW (\w+) AS\n([\s\S]+)$/.exec(text)
  return found === null ? undefined : [`CREATE VIEW ${found[1]} ${onCluster(cluster)} AS\n${found[2]}`]
}

/** SYNC: the path in the coordinator is free again at once, for the table's next life. */
function dropped(text: string, cluster: Cluster): readonly string[] | undefined {
  const found = /^DROP (TABLE|VIEW) (?:IF EXISTS )?(\w+)$/.exec(text)
  if (found === null) return undefined
  const [, kind, name = ''] = found
  const names = kind === 'TABLE' ? [name, localName(name)] : [name]
  return names.map(each => `DROP ${kind} IF EXISTS ${each} ${onCluster(cluster)} SYNC`)
}

function alterTable(text: string, cluster: Cluster): readonly string[] | undefined {
  const found = /^ALTER TABLE (\w+)\s+([\s\S]+)$/.exec(text)
  if (found === null) return undefined
  const [, table = '', changes = ''] = found
  const ofColumns = splitChanges(changes)
    .filter(change => /^(ADD|DROP|MODIFY|RENAME|COMMENT) COLUMN\b/.test(change))
    .map(change => change.replace(/ TTL .+$/, ''))
  const alter = (name: string, all: string) => `ALTER TABLE ${name} ${onCluster(cluster)}\n  ${all}`
  return [alter(localName(table), changes), ...(ofColumns.length === 0 ? [] : [alter(table, ofColumns.join(',\n  '))])]
}

/** The changes of one ALTER: commas outside of parentheses part them. */
function splitChanges(changes: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at <= changes.length; at++) {
    const character = changes[at]
    if (character === '(') depth++
    if (character === ')') depth--
    if (at < changes.length && (character !== ',' || depth > 0)) continue
    parts.push(changes.slice(from, at).trim())
    from = at + 1
  }
  return parts
}

function deleteRows(text: string, cluster: Cluster): readonly string[] | undefined {
  const found = /^DELETE FROM (\w+) (WHERE [\s\S]+)$/.exec(text)
  return found === null ? undefined : [`DELETE FROM ${localName(found[1] ?? '')} ${onCluster(cluster)} ${found[2]}`]
}

/** Rows go through the Distributed tables, each to its shard. */
const insertSelect = (text: string) => (/^INSERT INTO \w+/.test(text) ? [text] : undefined)

function refuse(statement: string): never {
  throw new RangeError(`not known on a cluster: ${statement.split('\n')[0]}`)
}
