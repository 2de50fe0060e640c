import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ratioText } from '../../compute/jobs/ratio-specs.ts'
import { eventually, type RunningNinefold, removeFolder, runNinefold, startNinefold } from '../../factories/ninefold.ts'
import { attribute, encodeRequest } from '../../factories/otlp.ts'
import { service, sloText } from '../../slo-specs/parse.ts'

/** From OTLP to the command, the API and the scrape, in one running instance. */

const paid = { filter: 'http.route == "/charges" && http.response.status_code < 400' }
const opened = { filter: 'http.route == "/carts"' }
const texts = [
  service,
  sloText({ name: 'checkout' }),
  ratioText('paid-per-cart', paid, opened, 'unit: orders, layers: [region]'),
  ratioText('value-per-order', { ...paid, aggregate: 'sum(order.total)' }, paid, 'unit: EUR'),
  ratioText('refunds-per-cart', opened, { filter: 'http.route == "/refunds"' }),
]
let folder: string
let instance: RunningNinefold
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-ratios-'))
  const specs = join(folder, 'shop.yaml')
  writeFileSync(specs, texts.join('---\n'))
  instance = await startNinefold({ data: join(folder, 'data'), specs })
  await send('eu', [
    ...['10.10', '0.20', '0.30'].map(total => ['/charges', 201, total] as const),
    ['/charges', 402, '99'],
    ...Array.from({ length: 8 }, () => ['/carts', 201, ''] as const),
  ])
  await send('us', [['/carts', 201, ''] as const, ['/carts', 201, ''] as const])
  await eventually(
    async () => (await instance.get('/api/v1/ratios/paid-per-cart')) as unknown as Reply,
    // The part that is known is noted a moment after the numbers.
    ({ windows: [shortest] }) => shortest?.denominator === 10 && shortest.data !== null,
    60_000,
  )
})
afterAll(async () => {
  await instance.kill('SIGTERM')
  removeFolder(folder)
})

interface Reply {
  readonly windows: readonly { readonly denominator: number; readonly data: object | null }[]
}

async function send(region: string, requests: readonly (readonly [route: string, status: number, total: string])[]) {
  const spans = requests.map(([route, status, total], index) => ({
    traceId: crypto.getRandomValues(new Uint8Array(16)),
    spanId: crypto.getRandomValues(new Uint8Array(8)),
    name: route,
    kind: 2,
    startTimeUnixNano: `${Date.now() - 1000 - index}000000`,
    endTimeUnixNano: `${Date.now() - 990 - index}000000`,
    attributes: [
      attribute('http.route', route),
      attribute('http.response.status_code', status),
      ...(total === '' ? [] : [attribute('order.total', total)]),
    ],
  }))
  const resource = { attributes: [attribute('service.name', 'shop'), attribute('cloud.region', region)] }
  const body = encodeRequest('ExportTraceServiceRequest', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
  const headers = { 'content-type': 'application/x-protobuf' }
  const sent = await fetch(`${instance.otlp}/v1/traces`, { method: 'POST', headers, body: Buffer.from(body) })
  expect(sent.status).toBe(200)
}

const ratios = (...args: string[]) => runNinefold(['ratios', ...args, '--data', join(folder, 'data')])

it('prints every ratio over its windows, and says where there is no value', async () => {
  const { code, out } = await ratios()
  expect(code).toBe(0)
  await expect(
    out.replaceAll(/data from .* on \(UTC\), [\d.]+ %/g, 'data from DAY, TIME on (UTC), N %'),
  ).toMatchFileSnapshot('golden/ratios.txt')
})

it('gives every number of one as JSON', async () => {
  const { out } = await ratios('value-per-order', '--json')
  const [one] = JSON.parse(out)
  expect(one).toMatchObject({
    name: 'value-per-order',
    unit: 'EUR',
    numerator: { signal: 'traces', aggregate: 'sum(order.total)' },
  })
  expect(one.windows.map((window: Record<string, unknown>) => window.window)).toEqual(['1h', '1d', '30d'])
  // 10.10 + 0.20 + 0.30 is 10.6 and not a hair more.
  expect(one.windows[0]).toMatchObject({ numerator: 10.6, denominator: 3, value: 10.6 / 3, isEstimate: false })
})

it('says that there is no such ratio', async () => {
  expect(await ratios('nothing')).toMatchObject({ code: 2, err: expect.stringMatching(/^API_NOT_FOUND +/) })
})

it('shows the ratio on /metrics in total and by layer, and none without a value', async () => {
  const scrape = async () => {
    const lines = (await (await fetch(instance.metrics)).text()).split('\n')
    return lines.filter(line => line.startsWith('ratio_value{')).sort()
  }
  const lines = await eventually(
    scrape,
    found => found.length > 0 && found.some(line => line.includes('layer_value="us"')),
    // Layers are worked out anew every minute.
    90_000,
  )
  expect(lines.filter(line => line.includes('paid-per-cart'))).toEqual([
    'ratio_value{ratio="paid-per-cart",window="1h",layer="region",layer_value="eu"} 0.375',
    'ratio_value{ratio="paid-per-cart",window="1h",layer="region",layer_value="us"} 0',
    'ratio_value{ratio="paid-per-cart",window="1h"} 0.3',
  ])
  expect(lines.filter(line => line.includes('refunds-per-cart'))).toEqual([])
})
