import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually, type RunningNinefold, removeFolder, runNinefold, startNinefold } from '../../factories/ninefold.ts'
import { attribute, encodeRequest } from '../../factories/otlp.ts'
import { service, sloText } from '../../slo-specs/parse.ts'

/** Ten requests, four of which fail: the budget of 90 % is spent four times, that of 50 % to 80 %. */
const slos = [
  sloText({ name: 'strict', objective: '{target: 0.9}' }),
  sloText({ name: 'loose', objective: '{target: 0.5}' }),
  sloText({ name: 'loose-with-review', objective: '{target: 0.5}' }),
  sloText({ name: 'silent' }).replace("filter: 'true'", 'filter: name == "nothing"'),
]
const policy = `apiVersion: ninefold.dev/v1
kind: BudgetPolicy
metadata: {name: shop-budget}
spec:
  slos: [loose-with-review]
  steps: [{remaining: 0.5, action: review, message: Two people look at each change.}, {remaining: 0, action: freeze}]
`
let folder: string
let instance: RunningNinefold
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-gate-'))
  const specs = join(folder, 'shop.yaml')
  writeFileSync(specs, [service, ...slos, policy].join('---\n'))
  instance = await startNinefold({ data: join(folder, 'data'), specs })
  const spans = Array.from({ length: 10 }, (_, index) => ({
    traceId: crypto.getRandomValues(new Uint8Array(16)),
    spanId: crypto.getRandomValues(new Uint8Array(8)),
    name: 'POST /pay',
    kind: 2,
    startTimeUnixNano: `${Date.now() - 1000 - index}000000`,
    endTimeUnixNano: `${Date.now() - 990 - index}000000`,
    status: { code: index < 4 ? 2 : 1 },
  }))
  const resource = { attributes: [attribute('service.name', 'shop')] }
  const body = encodeRequest('ExportTraceServiceRequest', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
  const headers = { 'content-type': 'application/x-protobuf' }
  const sent = await fetch(`${instance.otlp}/v1/traces`, { method: 'POST', headers, body: Buffer.from(body) })
  expect(sent.status).toBe(200)
  await eventually(
    () => instance.get('/api/v1/slos/strict'),
    // The part that is known is noted a moment after the numbers.
    ({ valid, data }) => valid === 10 && data !== null,
    60_000,
  )
})
afterAll(async () => {
  await instance.kill('SIGTERM')
  removeFolder(folder)
})
const gate = (...args: string[]) => runNinefold(['gate', ...args, '--data', join(folder, 'data')])

it('stops on a budget that is spent, lets go what is left, and says when it cannot tell', async () => {
  const strict = await gate('strict')
  expect(strict).toMatchObject({
    code: 1,
    out: 'stop     strict  -300.00 % of the budget left, freeze by default: The error budget is spent.\n',
  })
  // Its window began before the first data.
  expect(await gate('loose')).toMatchObject({
    code: 0,
    out: 'go       loose  20.00 % of the budget left\n',
    err: expect.stringMatching(/^loose: data from \d+ \w+ \d{4}.* on \(UTC\), [\d.]+ % of its window of 30d\n$/),
  })
  expect(await gate('loose-with-review')).toMatchObject({
    code: 0,
    out: 'go       loose-with-review  20.00 % of the budget left, review by shop-budget: Two people look at each change.\n',
  })
  expect(await gate('silent')).toMatchObject({
    code: 2,
    out: 'unknown  silent  no data\n',
    err: expect.stringMatching(/^silent has no valid events in its window of 30d/),
  })
  expect((await gate('silent', 'strict')).code).toBe(1)
  expect((await gate('silent', 'loose')).code).toBe(2)
  const json = await gate('loose', 'strict', '--json')
  expect(json.code).toBe(1)
  expect(JSON.parse(json.out)).toMatchObject({
    verdict: 'stop',
    slos: [
      { name: 'loose', action: 'none', reached: [], data: { to: expect.any(String) } },
      { name: 'strict', action: 'freeze', reached: [{ policy: 'default' }] },
    ],
  })
})

it('says in a sentence why it has no answer', async () => {
  expect(await gate('nothing')).toMatchObject({ code: 2, err: expect.stringMatching(/^API_NOT_FOUND +/) })
  expect(await gate()).toMatchObject({ code: 2, err: expect.stringMatching(/^USAGE +gate takes the names of SLOs/) })
  const nowhere = await runNinefold(['gate', 'strict', '--data', join(folder, 'empty')])
  expect(nowhere).toMatchObject({ code: 2, err: expect.stringMatching(/^NOT_RUNNING +no instance runs on /) })
})
