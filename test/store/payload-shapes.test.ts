import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { payloadInserts } from '../../store/tables/payload-inserts.ts'
import { attribute, stageRequests } from '../factories/otlp.ts'
import { defaultLayerSources, openStoreUnderTest, type StoreUnderTest, storeConnections } from '../factories/store.ts'

let under: StoreUnderTest
const inserts = payloadInserts(defaultLayerSources)
const nowNano = BigInt(Date.now()) * 1_000_000n

const span = (id: number, attributes: unknown[] = []) => ({
  traceId: Buffer.alloc(16, id),
  spanId: Buffer.alloc(8, id),
  name: `span ${id}`,
  startTimeUnixNano: nowNano.toString(),
  endTimeUnixNano: (nowNano - 1n).toString(),
  attributes,
})

async function insertSpans(name: string, requests: Record<string, unknown>[]) {
  const file = join(under.folder, `${name}.bin`)
  stageRequests(file, 'TraceRecord', requests)
  for (const insert of inserts.traces) await under.store.payloads.insertPayloads(insert, file, name)
}

describe.each(storeConnections)('over the %s connection:', connection => {
  beforeAll(async () => {
    under = await openStoreUnderTest({ connection })
  })
  afterAll(() => under.close())

  describe('a payload', () => {
    it('of several resources and scopes keeps each span with its own', async () => {
      const group = (service: string, pod: string, scopes: Record<string, number[]>) => ({
        resource: { attributes: [attribute('service.name', service), attribute('k8s.pod.name', pod)] },
        scopeSpans: Object.entries(scopes).map(([name, ids]) => ({ scope: { name }, spans: ids.map(id => span(id)) })),
      })
      const first = {
        resourceSpans: [group('a', 'p1', { x: [1, 2], y: [3] }), group('b', 'p2', { x: [4], empty: [] })],
      }
      const second = { resourceSpans: [group('a', 'p3', { z: [5] }), { scopeSpans: [{ spans: [span(6)] }] }] }
      await insertSpans('several', [first, second])
      const rows =
        await under.rows(`SELECT SpanName AS n, ServiceName AS s, ResourceAttributes['k8s.pod.name'] AS r, Pod AS p, ScopeName AS c
      FROM otel_traces ORDER BY n`)
      expect(rows.map(({ n, s, r, p, c }) => [n, s, r, p, c].join())).toEqual([
        'span 1,a,p1,p1,x',
        'span 2,a,p1,p1,x',
        'span 3,a,p1,p1,y',
        'span 4,b,p2,p2,x',
        'span 5,a,p3,p3,z',
        'span 6,,,,',
      ])
    })

    it('that ends before it starts has a duration of 0', async () => {
      expect(await under.rows('SELECT max(Duration) AS d FROM otel_traces')).toEqual([{ d: '0' }])
    })

    it('without any event, and a file without any payload, become no rows', async () => {
      const count = async () => await under.rows('SELECT count() AS n FROM otel_traces')
      const before = await count()
      await insertSpans('nothing', [{ resourceSpans: [] }, {}])
      const file = join(under.folder, 'empty.bin')
      writeFileSync(file, '')
      for (const insert of Object.values(inserts).flat())
        await under.store.payloads.insertPayloads(insert, file, 'empty')
      expect(await count()).toEqual(before)
    })

    it('can be checked without becoming rows, and fails the check as it would fail the insert', async () => {
      const [insert] = inserts.traces
      if (insert === undefined) throw new Error('no insert')
      const good = join(under.folder, 'good.bin')
      stageRequests(good, 'TraceRecord', [{ resourceSpans: [{ scopeSpans: [{ spans: [span(7)] }] }] }])
      await under.store.payloads.checkPayloads(insert, good)
      expect(await under.rows(`SELECT count() AS n FROM otel_traces WHERE SpanName = 'span 7'`)).toEqual([{ n: '0' }])
      const bad = join(under.folder, 'bad.bin')
      writeFileSync(bad, Buffer.from([5, 0x7a, 200, 1, 2, 3, 4]))
      await expect(under.store.payloads.checkPayloads(insert, bad)).rejects.toMatchObject({
        code: 'STORE_QUERY_FAILED',
      })
    })

    it('is synthetic when its resource or the span says so, as text or as a truth value', async () => {
      const resource = (service: string, ...more: unknown[]) => ({
        attributes: [attribute('service.name', service), ...more],
      })
      const one = (service: string, own: unknown[], ...more: unknown[]) => ({
        resource: resource(service, ...more),
        scopeSpans: [{ spans: [span(8, own)] }],
      })
      const resourceSpans = [
        one('synthetic span', [attribute('synthetic', true)]),
        one('synthetic resource', [], attribute('synthetic', 'true')),
        one('real', [attribute('synthetic', false)]),
      ]
      await insertSpans('synthetic', [{ resourceSpans }])
      const rows = await under.rows(
        `SELECT ServiceName AS s, Synthetic AS x FROM otel_traces WHERE SpanName = 'span 8' ORDER BY s`,
      )
      expect(rows).toEqual([
        { s: 'real', x: false },
        { s: 'synthetic resource', x: true },
        { s: 'synthetic span', x: true },
      ])
    })

    it('keeps every attribute of whatever kind as its text', async () => {
      const value = fc.oneof(
        fc.string({ unit: 'grapheme' }).map(text => [{ stringValue: text }, text] as const),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(int => [{ intValue: `${int}` }, `${int}`] as const),
        fc.boolean().map(flag => [{ boolValue: flag }, `${flag}`] as const),
        fc.integer({ min: -(2 ** 30), max: 2 ** 30 }).map(n => [{ doubleValue: n / 8 }, `${n / 8}`] as const),
        fc.constant([{}, ''] as const),
      )
      const entries = fc.sample(
        fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), value), { selector: ([key]) => key }),
        40,
      )
      const spans = entries.map((list, index) => ({
        ...span(
          9,
          list.map(([key, [sent]]) => ({ key, value: sent })),
        ),
        name: `kinds ${String(index).padStart(3, '0')}`,
      }))
      await insertSpans('kinds', [{ resourceSpans: [{ scopeSpans: [{ spans }] }] }])
      const rows = await under.rows(`SELECT mapKeys(SpanAttributes) AS k, mapValues(SpanAttributes) AS v
      FROM otel_traces WHERE SpanName LIKE 'kinds %' ORDER BY SpanName`)
      expect(rows).toEqual(entries.map(list => ({ k: list.map(([key]) => key), v: list.map(([, [, text]]) => text) })))
    })
  })
})
