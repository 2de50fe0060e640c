import { z } from 'zod'
import type { Reader } from '../../store/client/store.ts'
import { storedKeysSql } from './requests.ts'
import type { SteadyProducer } from './steady-producer.ts'

const number = z.string().transform(Number)
const storedKeys = {
  name: 'stored keys',
  sql: `SELECT key, count() AS times FROM (${storedKeysSql}) GROUP BY key`,
  params: z.object({}),
  row: z.object({ key: z.string(), times: number }),
}
const deadLetterCount = {
  name: 'dead letters',
  sql: 'SELECT count() AS n FROM dead_letters FINAL',
  params: z.object({}),
  row: z.object({ n: number }),
}
/** How far the rows of the tables and what the materialized view counted on their way in are apart. */
const viewDifference = {
  name: 'arrivals',
  sql: `SELECT abs(toInt64((SELECT count() FROM otel_traces)) + toInt64((SELECT count() FROM otel_logs))
  + toInt64((SELECT count() FROM otel_metrics_gauge)) + toInt64((SELECT count() FROM otel_metrics_histogram))
  - toInt64((SELECT sum(Rows) FROM arrivals))) AS n`,
  params: z.object({}),
  row: z.object({ n: number }),
}

/** What the producer was told against what the store has. */
export async function countStored(
  reader: Reader,
  { acknowledged, refused }: Pick<SteadyProducer, 'acknowledged' | 'refused'>,
) {
  const rows = await reader.query(storedKeys, {})
  const [letters] = await reader.query(deadLetterCount, {})
  const [view] = await reader.query(viewDifference, {})
  const stored = new Set(rows.map(({ key }) => key))
  const inStore = [...acknowledged].filter(key => stored.has(key)).length
  return {
    stored,
    inStore,
    lost: acknowledged.size - inStore,
    doubled: rows.filter(({ times }) => times > 1).length,
    refusedYetStored: [...refused].filter(key => stored.has(key)).length,
    viewOff: view?.n ?? 0,
    deadLetters: letters?.n ?? 0,
  }
}
