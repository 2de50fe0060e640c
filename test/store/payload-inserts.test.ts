import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { payloadInserts } from '../../store/tables/payload-inserts.ts'
import { attribute, type RecordMessage, stageRequests } from '../factories/otlp.ts'
import { defaultLayerSources, openStoreUnderTest, type StoreUnderTest, storeConnections } from '../factories/store.ts'

let under: StoreUnderTest
const inserts = payloadInserts(defaultLayerSources)
// Yesterday's midnight: rows older than the retention would be dropped by the first merge.
const startMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000
const startNano = BigInt(startMs) * 1_000_000n
const text = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')

async function insertAll(
  signal: keyof typeof inserts,
  message: RecordMessage,
  requests: Record<string, unknown>[],
  token: string,
) {
  const file = join(under.folder, `${token}.bin`)
  stageRequests(file, message, requests)
  for (const insert of inserts[signal])
    await under.store.payloads.insertPayloads(insert, file, `${token}/${insert.table}`)
}

const resource = (service: string, ...more: ReturnType<typeof attribute>[]) => ({
  attributes: [
    attribute('service.name', service),
    attribute('cloud.region', 'eu-1'),
    attribute('host.name', 'h1'),
    ...more,
  ],
})

describe.each(storeConnections)('over the %s connection:', connection => {
  beforeAll(async () => {
    under = await openStoreUnderTest({ connection })
  })
  afterAll(() => under.close())

  describe('spans', () => {
    const span = (id: number, more: Record<string, unknown> = {}) => ({
      traceId: Buffer.from('0102030405060708090A0B0C0D0E0F10', 'hex'),
      spanId: Buffer.from(id.toString(16).padStart(16, '0'), 'hex'),
      name: 'GET /',
      kind: 2,
      startTimeUnixNano: startNano.toString(),
      endTimeUnixNano: (startNano + 5_000_001n).toString(),
      ...more,
    })
    const request = (service: string, spans: unknown[]) => ({
      resourceSpans: [{ resource: resource(service), scopeSpans: [{ scope: { name: 'lib', version: '2' }, spans }] }],
    })

    it('become rows with ids in lower-case hex, words for kind and status, and nanoseconds of duration', async () => {
      const failed = span(0xab, {
        status: { code: 2, message: 'no' },
        events: [{ timeUnixNano: startNano.toString(), name: 'exception', attributes: [attribute('a', 1)] }],
        links: [{ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2), attributes: [attribute('b', true)] }],
      })
      await insertAll('traces', 'TraceRecord', [request('words', [failed])], 'words')
      expect(
        await under.rows(`SELECT * EXCEPT (ResourceAttributes) FROM otel_traces WHERE ServiceName = 'words'`),
      ).toEqual([
        expect.objectContaining({
          Timestamp: `${text(startMs)}.000000000`,
          TraceId: '0102030405060708090a0b0c0d0e0f10',
          SpanId: '00000000000000ab',
          ParentSpanId: '',
          SpanKind: 'Server',
          StatusCode: 'Error',
          StatusMessage: 'no',
          ScopeName: 'lib',
          ScopeVersion: '2',
          Duration: '5000001',
          'Events.Name': ['exception'],
          'Events.Attributes': [{ a: '1' }],
          'Links.SpanId': ['0202020202020202'],
          'Links.Attributes': [{ b: 'true' }],
          Region: 'eu-1',
          Node: 'h1',
          Component: '',
          Synthetic: false,
        }),
      ])
    })

    it('keep empty texts, zeros and false as values, and print numbers shortest', async () => {
      const attributes = [
        attribute('text', ''),
        attribute('zero', 0),
        attribute('no', false),
        attribute('half', 0.5),
        { key: 'big', value: { doubleValue: 1e21 } },
        { key: 'max', value: { intValue: '9223372036854775807' } },
        attribute(`quote ' back\` nul \0`, `'; DROP TABLE otel_traces --`),
        attribute('db.system.name', 'postgresql'),
        attribute('synthetic', true),
      ]
      await insertAll('traces', 'TraceRecord', [request('values', [span(1, { attributes })])], 'values')
      const [row] = await under.rows(
        `SELECT SpanAttributes, Component, Synthetic FROM otel_traces WHERE ServiceName = 'values'`,
      )
      expect(row).toEqual({
        SpanAttributes: {
          text: '',
          zero: '0',
          no: 'false',
          half: '0.5',
          big: '1e21',
          max: '9223372036854775807',
          "quote ' back` nul \0": `'; DROP TABLE otel_traces --`,
          'db.system.name': 'postgresql',
          synthetic: 'true',
        },
        Component: 'postgresql',
        Synthetic: true,
      })
    })

    it('are stored once however often the same range is replayed, in the table and in every view', async () => {
      const requests = [
        request('once', [span(1), span(2)]),
        request('once', []),
        { resourceSpans: [] },
        request('once', [span(1)]),
      ]
      for (let replay = 0; replay < 3; replay++) await insertAll('traces', 'TraceRecord', requests, 'once')
      expect(await under.rows(`SELECT count() AS n FROM otel_traces WHERE ServiceName = 'once'`)).toEqual([{ n: '3' }])
      const before = await under.rows(`SELECT sum(Rows) AS n FROM arrivals WHERE Signal = 'traces'`)
      expect(before).toEqual(await under.rows(`SELECT toString(count()) AS n FROM otel_traces`))
    })

    it('spread over days become a part a day and are still stored once', async () => {
      const days = Array.from({ length: 30 }, (_, day) =>
        span(day, { startTimeUnixNano: (startNano - BigInt(day) * 86_400_000_000_000n).toString() }),
      )
      for (let replay = 0; replay < 2; replay++)
        await insertAll('traces', 'TraceRecord', [request('days', days)], 'days')
      expect(
        await under.rows(
          `SELECT count() AS n, uniq(toDate(Timestamp)) AS d FROM otel_traces WHERE ServiceName = 'days'`,
        ),
      ).toEqual([{ n: '30', d: '30' }])
    })

    it('of another token are not taken for the former, although the session is the same', async () => {
      await insertAll('traces', 'TraceRecord', [request('tokens', [span(1)])], 'token-a')
      await insertAll('traces', 'TraceRecord', [request('tokens', [span(1)])], 'token-b')
      expect(await under.rows(`SELECT count() AS n FROM otel_traces WHERE ServiceName = 'tokens'`)).toEqual([
        { n: '2' },
      ])
    })

    it('pass a dry run whatever their numbers of events and links, and a dry run stores nothing', async () => {
      const file = join(under.folder, 'dry.bin')
      stageRequests(file, 'TraceRecord', [
        request('dry', [span(1, { events: [{ name: 'a' }, { name: 'b' }], links: [{}] }), span(2)]),
      ])
      for (const insert of inserts.traces) await under.store.payloads.checkPayloads(insert, file)
      expect(await under.rows(`SELECT count() AS n FROM otel_traces WHERE ServiceName = 'dry'`)).toEqual([{ n: '0' }])
    })

    it("that are not protobuf fail as the payload's fault", async () => {
      const file = join(under.folder, 'garbage.bin')
      const { writeFileSync } = await import('node:fs')
      writeFileSync(file, Buffer.from([5, 0x7a, 200, 1, 2, 3, 4]))
      const [insert] = inserts.traces
      if (insert === undefined) throw new Error('no insert')
      await expect(under.store.payloads.insertPayloads(insert, file, 'garbage')).rejects.toMatchObject({
        code: 'STORE_QUERY_FAILED',
        retryable: false,
      })
    })
  })

  describe('log records', () => {
    it('become rows, with the observed time where they have none of their own', async () => {
      const records = [
        {
          observedTimeUnixNano: startNano.toString(),
          severityNumber: 17,
          severityText: 'ERROR',
          body: { stringValue: 'boom' },
          flags: 1,
        },
        {
          timeUnixNano: (startNano + 1n).toString(),
          body: { intValue: 7 },
          eventName: 'login',
          attributes: [attribute('k', 'v')],
        },
      ]
      const scopeLogs = [{ scope: { name: 's', attributes: [attribute('x', 1)] }, schemaUrl: 'u', logRecords: records }]
      const resourceLogs = [{ resource: resource('logs', attribute('k8s.pod.name', 'p1')), schemaUrl: 'r', scopeLogs }]
      await insertAll('logs', 'LogRecordEnvelope', [{ resourceLogs }], 'logs')
      const rows = await under.rows(
        `SELECT Timestamp, SeverityNumber, SeverityText, Body, TraceFlags, EventName, LogAttributes, ScopeAttributes, ResourceSchemaUrl, ScopeSchemaUrl, Pod,
        __otel_materialized_k8s.pod.name AS pod FROM otel_logs WHERE ServiceName = 'logs' ORDER BY Timestamp`.replace(
          '__otel_materialized_k8s.pod.name',
          '`__otel_materialized_k8s.pod.name`',
        ),
      )
      expect(rows).toEqual([
        expect.objectContaining({
          Timestamp: `${text(startMs)}.000000000`,
          SeverityNumber: 17,
          Body: 'boom',
          TraceFlags: 1,
          Pod: 'p1',
          pod: 'p1',
        }),
        expect.objectContaining({
          Timestamp: `${text(startMs)}.000000001`,
          Body: '7',
          EventName: 'login',
          LogAttributes: { k: 'v' },
          ScopeAttributes: { x: '1' },
          ResourceSchemaUrl: 'r',
          ScopeSchemaUrl: 'u',
        }),
      ])
    })
  })
})
