import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, type RunningNinefold, removeFolder, startNinefold } from '../factories/ninefold.ts'
import { attribute, encodeRequest } from '../factories/otlp.ts'
import { service, sloText } from '../slo-specs/parse.ts'

/** An instance that is killed while specs come into force and their history is worked out. */

const daysOfEvents = 8
const perDay = 50
let folder: string
let instance: RunningNinefold

const start = () => startNinefold({ data: join(folder, 'data'), specs: join(folder, 'specs.yaml') })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-kill-'))
  writeFileSync(join(folder, 'specs.yaml'), `${service}---\n${sloText({ objective: '{target: 0.9}' })}`)
  instance = await start()
  const nowMs = Date.now()
  for (let day = 0; day < daysOfEvents; day++) {
    const spans = Array.from({ length: perDay }, (_, index) => ({
      traceId: crypto.getRandomValues(new Uint8Array(16)),
      spanId: crypto.getRandomValues(new Uint8Array(8)),
      name: 'GET /',
      kind: 2,
      startTimeUnixNano: `${nowMs - day * 86_400_000 - index * 1_000_000 - 60_000}000000`,
      endTimeUnixNano: `${nowMs - day * 86_400_000 - index * 1_000_000 - 59_000}000000`,
      attributes: [attribute('http.response.status_code', index % 5 === 0 ? 500 : 200)],
    }))
    const resource = { attributes: [attribute('service.name', 'shop')] }
    const body = encodeRequest('ExportTraceServiceRequest', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
    const headers = { 'content-type': 'application/x-protobuf' }
    const { ok } = await fetch(`${instance.otlp}/v1/traces`, { method: 'POST', headers, body: Buffer.from(body) })
    expect(ok).toBe(true)
  }
}, 120_000)
afterAll(async () => {
  await instance.kill('SIGKILL')
  removeFolder(folder)
})

interface Numbers {
  readonly good?: number
  readonly valid?: number
  readonly objectiveText?: string
}
const numbers = async () => (await instance.get('/api/v1/slos/checkout')) as Numbers
const all = daysOfEvents * perDay

describe('a kill while specs are applied and replayed', () => {
  it('leaves the old ones or the new ones in force, whole, and in the end the numbers of all events', async () => {
    await eventually(numbers, ({ valid }) => valid === all, 60_000)
    let before = '0.9'
    for (const [round, waitMs] of [0, 150, 'answered' as const].entries()) {
      const target = `0.${91 + round}`
      // A good filter of its own each time, so that there is a history to work out from raw events.
      const text = sloText({ objective: `{target: ${target}}`, good: `http.response.status_code < ${300 + round}` })
      const files = [{ file: 'specs.yaml', text: `${service}---\n${text}` }]
      const body = JSON.stringify({ files, message: `round ${round}` })
      const headers = { 'content-type': 'application/json' }
      const put = fetch(`${instance.api}/api/v1/specs`, { method: 'PUT', headers, body }).catch(() => undefined)
      // At last after the answer: the revision is in force, its history has hardly begun.
      await (waitMs === 'answered' ? put : new Promise(resolve => setTimeout(resolve, waitMs)))
      await instance.kill('SIGKILL')
      const answered = (await put)?.ok === true
      instance = await start()
      const { objectiveText } = await eventually(numbers, found => found.objectiveText !== undefined)
      // What was answered is in force; without an answer it is either, never half of it.
      expect(answered ? [target] : [before, target]).toContain(objectiveText)
      const { current, revisions } = (await instance.get('/api/v1/revisions')) as {
        current: string
        revisions: readonly { revision: string; slos: number }[]
      }
      expect(revisions[0]).toMatchObject({ revision: current, slos: 1 })
      before = objectiveText ?? ''
    }
    const { good, valid } = await eventually(numbers, found => found.valid === all, 60_000)
    expect([good, valid]).toEqual([all * 0.8, all])
  }, 240_000)
})
