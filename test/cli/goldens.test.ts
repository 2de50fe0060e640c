import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../cli/commands/index.ts'
import { generators } from '../../cli/generators.ts'
import { openSegmentLog } from '../../ingest/bus/segment-log/segment-log.ts'
import { leaseOf } from '../factories/bus.ts'
import { eventually, removeFolder, runNinefold, startNinefold } from '../factories/ninefold.ts'
import { attribute, encodeRequest } from '../factories/otlp.ts'

/** What the verbs print, word for word, through the launcher. */

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-goldens-'))
})
afterAll(() => removeFolder(folder))

/** Long, for a machine with other things to do. */
const waitMs = 120_000

const golden = (name: string) => `golden/${name}.txt`

describe('the command line prints', () => {
  it('what Ninefold is and its verbs', async () => {
    const { code, out } = await runNinefold(['--help'])
    expect(code).toBe(0)
    await expect(out).toMatchFileSnapshot(golden('help'))
  })

  it('the help of a verb also to who asks with help first, and its version', async () => {
    expect(await runNinefold(['help', 'plan'])).toEqual(await runNinefold(['plan', '--help']))
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(await runNinefold(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it.each(commands.map(({ name }) => name))('the help of %s, with examples', async name => {
    const { code, out, err } = await runNinefold([name, '--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('Examples:')
    await expect(out).toMatchFileSnapshot(golden(`help-${name}`))
  })

  it('the configuration in force, where each value came from, and no secret', async () => {
    const file = join(folder, 'ninefold.yaml')
    const key = join(folder, 'key')
    writeFileSync(key, 'R-very-secret\n')
    writeFileSync(file, `api:\n  port: 18080\npagerduty:\n  routingKeyFile: ${key}\n`)
    const args = ['config', '--print', '--config', file, '--set', 'log.level=debug']
    const { code, out } = await runNinefold(args, { NINEFOLD_OTLP_HTTP_PORT: '14318' })
    expect(code).toBe(0)
    expect(out).not.toContain('very-secret')
    const inColumns = out.replaceAll(folder, '/etc/ninefold').replaceAll(/ {2,}/g, '  ')
    await expect(inColumns).toMatchFileSnapshot(golden('config'))
    const json = await runNinefold([...args, '--json'], { NINEFOLD_OTLP_HTTP_PORT: '14318' })
    await expect(json.out.replaceAll(folder, '/etc/ninefold')).toMatchFileSnapshot(golden('config-json'))
  })

  it('which files it generated', async () => {
    for (const what of generators.keys()) {
      const { code, out } = await runNinefold(['generate', what, '--out', join(folder, what)])
      expect(code).toBe(0)
      await expect(out.replaceAll(folder, '/out')).toMatchFileSnapshot(golden(`generate-${what}`))
    }
  })

  it('SLOs and dead letters of a data directory, and puts a letter on the bus again', async () => {
    const data = join(folder, 'data')
    const at = ['--data', data]
    const specs = join(import.meta.dirname, 'commands', 'specs', 'shop.yaml')
    // A payload that no gateway would take, as a damaged log or a foreign producer could leave it.
    const bus = await openSegmentLog({ directory: join(data, 'bus') })
    const record = { topic: 'otlp_spans', receivedAtMs: Date.now(), source: '192.0.2.7' } as const
    const { logId } = leaseOf(bus, 'otlp_spans')
    await bus.producer.produce({ ...record, value: Buffer.from('0a7fffff', 'hex') })
    await bus.producer.produce({ ...record, value: checkouts(3) })
    await bus.close()
    const instance = await startNinefold({ data, specs })
    const anonymous = (text: string) =>
      text
        .replaceAll(folder, '')
        .replaceAll(logId, 'LOG')
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    try {
      // A verb is a process of its own: the instance is asked whether it is time to run it.
      const ids = async () => JSON.stringify(await instance.get('/api/v1/dead-letters'))
      const id = `otlp_spans-0-${logId}-0`
      await eventually(ids, text => text.includes(id), waitMs)
      const list = await runNinefold(['dead-letters', 'list', ...at])
      await expect(anonymous(list.out)).toMatchFileSnapshot(golden('dead-letters-list'))
      const show = await runNinefold(['dead-letters', 'show', id, ...at])
      await expect(anonymous(show.out)).toMatchFileSnapshot(golden('dead-letters-show'))
      const replay = await runNinefold(['dead-letters', 'replay', id, ...at])
      await expect(anonymous(replay.out)).toMatchFileSnapshot(golden('dead-letters-replay'))
      // It is as bad as before, so it comes back under the offset of its second try.
      await eventually(ids, text => text.includes(`otlp_spans-0-${logId}-2`), waitMs)
      const unknown = await runNinefold(['dead-letters', 'show', 'nothing', ...at])
      expect({ code: unknown.code, err: unknown.err }).toEqual({
        code: 2,
        err: expect.stringMatching(/^API_NOT_FOUND /),
      })
      // The engine has words of its own for this, several times over: they are not what a person needs to read.
      const schema = await runNinefold(['migrate', 'status', ...at])
      expect(schema).toMatchObject({ code: 2, err: expect.stringMatching(/^DATA_DIR_LOCKED {2}process \d+ has .*\n$/) })
      const slos = async () => JSON.stringify(await instance.get('/api/v1/slos'))
      await eventually(slos, text => text.includes('"valid":3'), waitMs)
      // Once the minute is over it says from when on there are data.
      const status = await runNinefold(['status', ...at])
      const rows = status.out.replaceAll(/^\S+: data from .*\n/gm, '')
      await expect(rows).toMatchFileSnapshot(golden('status'))
    } finally {
      expect(await instance.kill('SIGTERM')).toBe(0)
    }
  })
})

function checkouts(count: number): Uint8Array {
  const spans = Array.from({ length: count }, (_, index) => ({
    traceId: crypto.getRandomValues(new Uint8Array(16)),
    spanId: crypto.getRandomValues(new Uint8Array(8)),
    name: 'POST /checkout',
    kind: 2,
    startTimeUnixNano: `${Date.now() - 1000 - index}000000`,
    endTimeUnixNano: `${Date.now() - 990 - index}000000`,
    attributes: [attribute('http.response.status_code', 200), attribute('http.request.method', 'POST')],
  }))
  const resource = { attributes: [attribute('service.name', 'shop')] }
  return encodeRequest('ExportTraceServiceRequest', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
}
