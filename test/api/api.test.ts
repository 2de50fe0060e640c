import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { periodPdf } from '../../api/pdf/period-pdf.ts'
import type { PeriodReply } from '../../api/schemas/period-replies.ts'
import type { Listening } from '../../api/server.ts'
import { createStandingClock, noon, startApi, statusWith, storeDown } from './api-under-test.ts'
import { createFixtureReports } from './fixture-reports.ts'

const range = `from=${noon - 3_600_000}&to=${noon}`

/** Every GET operation of the document with an address that exists. */
const examples: Record<string, string> = {
  '/api/v1/slos': '/api/v1/slos',
  '/api/v1/slos/{name}': '/api/v1/slos/checkout-availability',
  '/api/v1/slos/{name}/history': `/api/v1/slos/checkout-availability/history?${range}&step=5m`,
  '/api/v1/slos/{name}/layers': `/api/v1/slos/checkout-availability/layers?${range}&by=region`,
  '/api/v1/slos/{name}/attribution': '/api/v1/slos/checkout-availability/attribution?window=1h',
  '/api/v1/slos/{name}/layers/history': `/api/v1/slos/checkout-availability/layers/history?${range}&by=region&step=5m`,
  '/api/v1/slos/{name}/alerts': '/api/v1/slos/checkout-availability/alerts',
  '/api/v1/ratios': '/api/v1/ratios',
  '/api/v1/ratios/{name}': '/api/v1/ratios/orders-per-cart',
  '/api/v1/ratios/{name}/history': `/api/v1/ratios/orders-per-cart/history?${range}&step=5m`,
  '/api/v1/ratios/{name}/layers': `/api/v1/ratios/orders-per-cart/layers?${range}&by=region`,
  '/api/v1/alerts': '/api/v1/alerts?severity=page&limit=10',
  '/api/v1/notifications': '/api/v1/notifications',
  '/api/v1/deployments': `/api/v1/deployments?service=checkout&${range}`,
  '/api/v1/reports/{period}': '/api/v1/reports/2026-11?timeZone=Europe/Berlin',
  '/api/v1/pipeline': '/api/v1/pipeline',
  '/api/v1/dead-letters': '/api/v1/dead-letters',
  '/api/v1/dead-letters/{id}': '/api/v1/dead-letters/otlp_spans-0-4711',
  '/api/v1/dashboards': '/api/v1/dashboards',
  '/api/v1/dashboards/{uid}': '/api/v1/dashboards/ninefold-overview',
  '/api/v1/dashboards/{uid}/panels/{id}/data':
    '/api/v1/dashboards/ninefold-overview/panels/2/data?from=2026-11-23T00:00:00Z&to=2026-11-23T06:00:00Z&var-service=cart&var-service=checkout',
}

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0]
type Contents = Record<string, { schema: JsonSchema }>
interface Operation {
  readonly responses: Record<string, { content: Contents }>
  readonly parameters: readonly { name: string; in: string; required: boolean }[]
}
interface Document {
  readonly openapi: string
  readonly components: { readonly schemas: Record<string, unknown> }
  readonly paths: Record<string, { get?: Operation; post?: Operation }>
}

/** A schema of the document by itself: zod follows references within one schema only. */
function byItself(schema: JsonSchema, { components }: Document): JsonSchema {
  const whole = JSON.stringify({ ...(schema as object), $defs: components.schemas })
  return JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/'))
}

describe('API', () => {
  let api: Listening
  let document: Document
  const at = (path: string) => new URL(path, api.url)
  const get = async (path: string) => {
    const response = await fetch(at(path))
    return { response, body: (await response.json()) as Record<string, unknown> }
  }

  beforeAll(async () => {
    api = await startApi()
    document = (await (await fetch(at('/api/v1/openapi.json'))).json()) as Document
  })
  afterAll(() => api.close())

  it('has an example for every read that its document describes', () => {
    const reads = Object.entries(document.paths).filter(([, item]) => item.get !== undefined)
    expect(reads.map(([path]) => path).sort()).toEqual(Object.keys(examples).sort())
    expect(document.openapi).toBe('3.1.0')
  })

  it('is described by a valid OpenAPI document, every reference of which leads somewhere', async () => {
    const valid = await new Validator().validate({ ...structuredClone(document) })
    expect(valid).toEqual({ valid: true })
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(match => match[1])
    expect(new Set(references)).toEqual(
      new Set(Object.keys(document.components.schemas).map(name => `#/components/schemas/${name}`)),
    )
  })

  it.each(Object.entries(examples))('answers %s as its document says', async (path, address) => {
    const operation = document.paths[path]?.get
    const schema = operation?.responses['200']?.content['application/json']?.schema
    if (schema === undefined) throw new Error(`no schema of ${path}`)
    const { response, body } = await get(address)
    expect(response.status, JSON.stringify(body)).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    // The one count beyond 2^53 cannot be held by JavaScript's numbers; its text is checked by a test of its own.
    const parsed = z.fromJSONSchema(byItself(schema, document)).safeParse(withoutHugeIntegers(body))
    expect(parsed.error?.issues).toBeUndefined()
  })

  it('names every parameter of every path in the document', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1])
      const operation = item.get ?? item.post
      expect(operation?.parameters.filter(parameter => parameter.in === 'path').map(({ name }) => name)).toEqual(names)
    }
  })

  it('shows an SLO with the fields of the contract, counts as integers, worst budget first', async () => {
    const { body } = await get('/api/v1/slos')
    const slos = body.slos as Record<string, unknown>[]
    const [worst] = slos
    for (const field of [
      ...['name', 'service', 'objective', 'budgetingMethod', 'window', 'good', 'valid', 'bad', 'sli', 'errorBudget'],
      ...['burnRates', 'coverage', 'status', 'revision', 'evaluatedAt'],
    ])
      expect(worst).toHaveProperty(field)
    const remaining = slos.map(slo => (slo.errorBudget as { remainingRatio: number }).remainingRatio)
    expect(remaining).toEqual([...remaining].sort((a, b) => a - b))
    expect(slos.find(slo => slo.name === 'refunds-availability')).toMatchObject({ sli: null, status: 'no-data' })
  })

  it('tells both bounds of an SLO on histograms, and none of another', async () => {
    const bounds = async (name: string) => (await get(`/api/v1/slos/${name}`)).body.bounds
    expect(await bounds('payments-latency')).toMatchObject({ goodAtLeast: 9800, goodAtMost: 9950, valid: 10_000 })
    expect(await bounds('checkout-availability')).toBeNull()
  })

  it('writes counts beyond 2^53 exactly', async () => {
    const text = await (await fetch(at('/api/v1/dead-letters'))).text()
    expect(text).toContain('"offset":9007199254740993')
  })

  it('gives the numbers of compute without rounding them', async () => {
    const [expected] = await createFixtureReports(createStandingClock()).listStatuses()
    const { body } = await get('/api/v1/slos')
    const [shown] = body.slos as [{ sli: number; errorBudget: { remainingRatio: number } }]
    expect(shown.sli).toBe(expected?.sli)
    expect(shown.errorBudget.remainingRatio).toBe(expected?.errorBudget.remainingRatio)
  })

  it('answers for a panel with its times as texts and its counts exact, and says what is wrong with the question', async () => {
    const path = '/api/v1/dashboards/ninefold-overview/panels'
    const range = 'from=2026-11-23T00:00:00Z&to=2026-11-23T06:00:00Z'
    const text = await (await fetch(at(`${path}/2/data?${range}`))).text()
    expect(text).toContain('"rows":[["2026-11-23T00:00:00.000Z",1152921504606846976]]')
    const { response, body } = await get(`${path}/2/data?${range}&var-layer=planet&var-colour=red`)
    expect(response.status).toBe(400)
    const errors = body.errors as { parameter: string }[]
    expect(errors.map(({ parameter }) => parameter).sort()).toEqual(['var-colour', 'var-layer'])
    for (const [wrong, status] of [
      [`3/data?${range}`, 404],
      [`0/data?${range}`, 400],
      ['2/data', 400],
      ['2/data?from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', 400],
    ] as const) {
      const reply = await fetch(at(`${path}/${wrong}`))
      expect(reply.status, wrong).toBe(status)
      expect(reply.headers.get('content-type')).toBe('application/problem+json')
    }
  })

  it('answers 304 when nothing has changed since the entity tag was given', async () => {
    const first = await fetch(at('/api/v1/slos'))
    await first.arrayBuffer()
    const again = await statusWith(api, '/api/v1/slos', { 'if-none-match': first.headers.get('etag') ?? '' })
    expect(again).toBe(304)
  })

  it('tells everything that is wrong with the parameters at once', async () => {
    const { response, body } = await get(
      '/api/v1/slos/checkout-availability/layers/history?from=soon&by=planet&step=7s&x=1',
    )
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(body).toMatchObject({ code: 'API_BAD_REQUEST', status: 400, retryable: false })
    const errors = body.errors as { parameter: string }[]
    expect(errors.map(({ parameter }) => parameter).sort()).toEqual(['by', 'from', 'step', 'to', 'x'])
  })

  it.each(['0m', '90s', '401d', 'soon', '1h&window=2h'])('refuses a window of %s', async window => {
    const { response, body } = await get(`/api/v1/slos/checkout-availability/attribution?window=${window}`)
    expect([response.status, body.code]).toEqual([400, 'API_BAD_REQUEST'])
  })

  it.each([
    ['more points than anybody can look at', `from=0000000000000&to=${noon}&step=1m`],
    ['a range that ends before it begins', `from=${noon}&to=${noon - 1}&step=1m`],
    ['one parameter given twice', `${range}&step=1m&step=5m`],
    ['a time beyond the calendar', 'from=9999999999999999&to=9999999999999998&step=1m'],
  ])('refuses %s', async (_, query) => {
    const { response, body } = await get(`/api/v1/slos/checkout-availability/history?${query}`)
    expect(response.status).toBe(400)
    expect(body).toMatchObject({ code: 'API_BAD_REQUEST' })
  })

  it.each([
    '/api/v1/slos/unknown',
    `/api/v1/slos/unknown/history?${range}&step=1m`,
    `/api/v1/slos/unknown/layers?${range}&by=pod`,
    '/api/v1/slos/unknown/attribution',
    '/api/v1/slos/unknown/alerts',
    '/api/v1/dead-letters/unknown',
    '/api/v1/dashboards/unknown',
    '/api/v1/nothing',
    '/nothing.js',
    '/modules/api/viewer/static/../../api.ts',
    '/modules/api/api.ts',
    '/vendor/%2e%2e/package.json',
  ])('says that there is nothing at %s, and what to do', async path => {
    const { response, body } = await get(path)
    expect(response.status).toBe(404)
    const schema = document.paths['/api/v1/slos']?.get?.responses.default?.content['application/problem+json']?.schema
    if (schema === undefined) throw new Error('the document does not describe problems')
    expect(z.fromJSONSchema(byItself(schema, document)).parse(body)).toMatchObject({ code: 'API_NOT_FOUND' })
  })

  it('takes a period and a time zone that there are, and no others', async () => {
    for (const path of ['2026-13', 'november', '2026-11?timeZone=Mars/Olympus', '2026-11?zone=UTC']) {
      const { response, body } = await get(`/api/v1/reports/${path}`)
      expect([response.status, body.code], path).toEqual([400, 'API_BAD_REQUEST'])
    }
  })

  it('answers with a document where one is asked for, with the numbers of the JSON', async () => {
    const path = '/api/v1/reports/2026-11?timeZone=Europe/Berlin'
    const response = await fetch(at(`${path}&format=pdf`))
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/pdf'])
    expect(response.headers.get('content-disposition')).toBe('attachment; filename=ninefold-2026-11.pdf')
    const file = new Uint8Array(await response.arrayBuffer())
    expect(file).toEqual(new Uint8Array(await periodPdf((await get(path)).body as unknown as PeriodReply, null)))
    const { response: refused, body } = await get(`${path}&format=docx`)
    expect([refused.status, body.code]).toEqual([400, 'API_BAD_REQUEST'])
  })

  it('names the methods of an address when asked with another', async () => {
    const response = await fetch(at('/api/v1/slos'), { method: 'DELETE' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET')
  })

  it('replays a dead letter, and says so when there is none', async () => {
    const replay = await fetch(at('/api/v1/dead-letters/otlp_spans-0-4711/replay'), { method: 'POST' })
    expect([replay.status, await replay.json()]).toEqual([200, { replayed: true }])
    expect((await fetch(at('/api/v1/dead-letters/none/replay'), { method: 'POST' })).status).toBe(404)
  })

  it('refuses a body beyond the limit', async () => {
    const body = new Uint8Array(2 * 1024 * 1024)
    const response = await fetch(at('/api/v1/dead-letters/otlp_spans-0-4711/replay'), { method: 'POST', body })
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([413, 'API_BODY_TOO_LARGE'])
  })

  it('answers /livez and /readyz', async () => {
    expect((await get('/livez')).body).toEqual({ status: 'alive' })
    expect((await get('/readyz')).body).toEqual({
      status: 'ready',
      parts: [{ part: 'store', ready: true, reason: '' }],
    })
  })
})

describe('API when a part of it fails', () => {
  it('says why it is not ready, with 503', async () => {
    const api = await startApi({
      readiness: async () => [
        { part: 'bus', ready: true, reason: '' },
        { part: 'store', ready: false, reason: 'STORE_UNAVAILABLE' },
      ],
    })
    const response = await fetch(new URL('/readyz', api.url))
    const body = await response.json()
    await api.close()
    expect(response.status).toBe(503)
    expect(body).toMatchObject({ code: 'API_NOT_READY', detail: 'not ready: store (STORE_UNAVAILABLE)' })
  })

  it('asks to come back when the store is away, and keeps what is unexpected to the log', async () => {
    const failures = [storeDown(), new Error('secret /etc/path')]
    const reports = createFixtureReports(createStandingClock())
    const api = await startApi({
      reports: { ...reports, listStatuses: () => Promise.reject(failures.shift()) },
    })
    const away = await fetch(new URL('/api/v1/slos', api.url))
    const broken = await fetch(new URL('/api/v1/slos', api.url))
    const bodies = [await away.json(), await broken.text()]
    await api.close()
    expect([away.status, away.headers.get('retry-after'), broken.status]).toEqual([503, '2', 500])
    expect(bodies[0]).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
    expect(bodies[1]).not.toContain('secret')
  })

  it('asks compute once for many viewers of the same second, and again in the next', async () => {
    const clock = createStandingClock()
    const reports = createFixtureReports(clock)
    let asked = 0
    const listStatuses = () => {
      asked++
      return reports.listStatuses()
    }
    const api = await startApi({ clock, reports: { ...reports, listStatuses } })
    const view = async () => (await fetch(new URL('/api/v1/slos', api.url))).arrayBuffer()
    await Promise.all(Array.from({ length: 20 }, view))
    const inOneSecond = asked
    clock.advance(1000)
    await view()
    await api.close()
    expect([inOneSecond, asked]).toEqual([1, 2])
  })
})

function withoutHugeIntegers(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item) => (Number.isInteger(item) && !Number.isSafeInteger(item) ? 1 : item)),
  )
}
