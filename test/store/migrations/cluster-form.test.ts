import { describe, expect, it } from 'vitest'
import { forCluster } from '../../../store/migrations/cluster-form.ts'
import { readMigrations, splitStatements } from '../../../store/migrations/migration-files.ts'

const cluster = { name: 'all', database: 'ninefold' }
const onCluster = (text: string) => splitStatements(text).flatMap(sql => forCluster(sql, cluster))
const migrations = readMigrations()
const files = migrations.flatMap(({ number, name, up, down }) => {
  const file = `${String(number).padStart(3, '0')}_${name}`
  return [[`${file}.up.sql`, up] as const, [`${file}.down.sql`, down] as const]
})

describe('on a cluster', () => {
  it.each(files)('%s has its golden form', async (file, text) => {
    const sql = `${onCluster(text).join(';\n\n')};\n`
    await expect(sql).toMatchFileSnapshot(`../../golden/store/cluster/${file}`)
  })

  it('rows that replace one another are on one shard: the sharding key is made of the sorting key', () => {
    const tables = migrations.flatMap(({ up }) => splitStatements(up)).filter(sql => sql.startsWith('CREATE TABLE'))
    for (const sql of tables) {
      const [local = '', distributed = ''] = forCluster(sql, cluster)
      const sharding = /cityHash64\((.+)\)\)$/.exec(distributed)?.[1]
      const sorting = /^ORDER BY \(?(.+?)\)?$/m.exec(local)?.[1]
      const isReplaced = /Replicated(Replacing|Aggregating)MergeTree/.test(local)
      expect(sharding, sql).toBe(isReplaced || sharding !== 'ResourceAttributes' ? sorting : 'ResourceAttributes')
    }
  })

  it('no statement leaves a table unreplicated or a view on a Distributed table', () => {
    for (const sql of migrations.flatMap(({ up }) => onCluster(up))) {
      expect(sql).not.toMatch(/ENGINE = (?!Replicated|Distributed)/)
      expect(sql).not.toMatch(/non_replicated/)
      if (sql.startsWith('CREATE MATERIALIZED VIEW')) expect(sql).not.toMatch(/(FROM|TO) \w+(?<!_local)\b(?:\n|$| AS)/)
    }
  })

  it('a statement of a kind that has no rule is refused', () => {
    expect(() => forCluster('EXCHANGE TABLES a AND b', cluster)).toThrow(/^not known on a cluster: EXCHANGE TABLES/)
  })
})
