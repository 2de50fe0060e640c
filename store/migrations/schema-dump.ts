import { z } from 'zod'
import { defineQuery } from '../client/query.ts'
import type { Reader } from '../client/store.ts'

const createStatements = defineQuery({
  name: 'schema dump',
  sql: `SELECT formatQuery(create_table_query) AS statement FROM system.tables
WHERE database = currentDatabase() AND NOT startsWith(name, 'schema_migrations') ORDER BY name`,
  params: z.object({}),
  row: z.object({ statement: z.string() }),
})

/** Everything that the schema consists of, as the engine prints it, without what is of one installation only. */
export async function dumpSchema(reader: Reader): Promise<string> {
  const rows = await reader.query(createStatements, {})
  return rows.map(({ statement }) => `${statement.replaceAll(/ UUID '[^']+'/g, '')};\n`).join('\n')
}
