import { describe, expect, it } from 'vitest'
import { runNinefold } from '../../factories/ninefold.ts'

describe('ninefold run', () => {
  const refusal = async (...args: string[]) => {
    const { code, err } = await runNinefold(['run', ...args])
    expect(code).toBe(2)
    return err
  }

  it('takes exactly one of the roles', async () => {
    for (const args of [[], ['sync']])
      expect(await refusal(...args)).toMatch(/^USAGE {2}run takes one role: ingest, sink, compute, api/)
    expect(await refusal('sink', 'api')).toMatch(/^USAGE {2}ninefold run: it does not take "api"/)
  })

  it('refuses what is embedded, with what to set', async () => {
    expect(await refusal('compute')).toMatch(
      /^CONFIG_INVALID {2}.*set bus to Kafka brokers \(.+\) and store to the URL of a ClickHouse server/,
    )
    expect(await refusal('ingest')).toMatch(/set bus to Kafka brokers/)
    expect(await refusal('api', '--bus', 'kafka:9092')).toMatch(/set store to the URL/)
  })
})
