import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually, type RunningNinefold, removeFolder, startNinefold } from '../factories/ninefold.ts'
import { type ShopUnderTest, startShop } from '../ingest/synthetics/shop-under-test.ts'

/** From a synthetic transaction to SLIs, through the program as a user starts it. */

/** A run has to end within its interval, also on a machine with much else to do. */
const transaction = (name: string, url: string) => `---
apiVersion: ninefold.dev/v1
kind: SyntheticTransaction
metadata: { name: ${name} }
spec:
  service: shop
  schedule: { every: 3s }
  steps:
    - { name: fill, request: { method: POST, url: '${url}/cart', body: '{}' }, extracts: { order: $.order.id } }
    - { name: look, request: { url: '${url}/orders/\${order}' } }
`
const slo = (name: string, signal: string, total: string) => `---
apiVersion: openslo/v1
kind: SLO
metadata: { name: ${name} }
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindow: [{ duration: 30d, isRolling: true }]
  objectives: [{ target: 0.9 }]
  indicator:
    metadata: { name: ${name}-good }
    spec:
      ratioMetric:
        good: { metricSource: { type: telemetry, spec: { signal: ${signal}, filter: '${total} && status != "Error"' } } }
        total: { metricSource: { type: telemetry, spec: { signal: ${signal}, filter: '${total}' } } }
`
const ratio = (name: string, signal: string) => `---
apiVersion: ninefold.dev/v1
kind: Ratio
metadata: { name: ${name} }
spec:
  numerator: { signal: ${signal}, filter: 'true', aggregate: sum(duration) }
  denominator: { signal: ${signal}, filter: 'true', aggregate: count }
`
const promises = `apiVersion: openslo/v1
kind: Service
metadata: { name: shop }
spec: { description: A shop }
${slo('buying', 'synthetics', 'name == "buy"')}${slo('probed', 'synthetics', 'service.name == "shop" && name == "buy"')}
${slo('failing', 'synthetics', 'name == "refused-by-the-shop"')}${slo('served', 'traces', 'service.name == "shop"')}
${ratio('seconds-a-run', 'synthetics')}${ratio('seconds-a-span', 'traces')}`

const folder = mkdtempSync(join(tmpdir(), 'ninefold-synthetics-'))
const specs = join(folder, 'specs.yaml')
let shop: ShopUnderTest
let instance: RunningNinefold

beforeAll(async () => {
  shop = await startShop()
  writeFileSync(specs, promises + transaction('buy', shop.url))
  instance = await startNinefold({
    specs: folder,
    data: join(folder, 'data'),
    sets: ['synthetics.allowHosts=127.0.0.1', 'synthetics.resourceAttributes=cloud.region=eu-west-1'],
  })
})
afterAll(async () => {
  await instance.kill('SIGKILL')
  await shop.close()
  removeFolder(folder)
})

const until = (path: string, is: (reply: Record<string, unknown>) => boolean) =>
  eventually(() => instance.get(`/api/v1/${path}`), is)
/** Over the longest window. */
const ratioOf = ({ windows }: Record<string, unknown>) =>
  (windows as readonly { readonly value: number | null }[]).at(-1)?.value ?? null

it('runs what the specs say, judges it by SLOs and ratios, and leaves promises about real traffic alone', async () => {
  const bought = await until('slos/buying', ({ valid }) => Number(valid) >= 2)
  expect(bought).toMatchObject({ sli: 1, bad: 0 })
  await until('slos/probed', ({ valid }) => Number(valid) >= 2)
  const range = `from=${Date.now() - 600_000}&to=${Date.now() + 60_000}`
  const layers = (by: string) => instance.get(`/api/v1/slos/probed/layers?by=${by}&${range}`)
  expect(await layers('region')).toMatchObject({ rows: [{ value: 'eu-west-1' }] })
  expect(await layers('service')).toMatchObject({ rows: [{ value: 'shop' }] })
  // The same spans as traces are the prober's own, and synthetic.
  expect(await instance.get('/api/v1/slos/served')).toMatchObject({ valid: 0, sli: null })
  const runs = await until('ratios/seconds-a-run', reply => ratioOf(reply) !== null)
  expect(ratioOf(runs)).toBeGreaterThan(0)
  expect(ratioOf(await instance.get('/api/v1/ratios/seconds-a-span'))).toBeNull()
})

it('takes up a changed transaction without a restart, and its failures are bad events', async () => {
  writeFileSync(specs, promises + transaction('refused-by-the-shop', `${shop.url}/down?`))
  const failing = await until('slos/failing', ({ valid }) => Number(valid) >= 1)
  expect(failing).toMatchObject({ good: 0, sli: 0 })
  const scraped = await (await fetch(instance.metrics)).text()
  expect(scraped).toMatch(
    /ninefold_synthetic_failures_total\{[^}]*transaction="refused-by-the-shop"[^}]*reason="status"/,
  )
})
