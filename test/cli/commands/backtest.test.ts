import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backtestReply } from '../../../api/schemas/spec-replies.ts'
import { backtestCommand } from '../../../cli/commands/backtest.ts'
import { planCommand } from '../../../cli/commands/plan.ts'
import { createApiClient } from '../../../cli/instance/running-instance.ts'
import { type Incident, openIncident, undated } from './incident.ts'
import { runCommand } from './run-command.ts'

const specs = 'test/cli/commands/specs/plan-after.yaml'
const golden = (name: string) => `golden/backtest-${name}`
let incident: Incident

beforeAll(async () => {
  incident = await openIncident()
}, 60_000)
afterAll(() => incident.close())

const backtest = (...args: string[]) => runCommand(backtestCommand, '--data', incident.folder, ...args)
const iso = (minute: number) => new Date(incident.startMs + minute * 60_000).toISOString()

describe('ninefold backtest', () => {
  it('prints SLI, budget and every alert over the raw events, whatever is in force', async () => {
    const { code, out, notes } = await backtest(specs)
    expect({ code, notes }).toEqual({ code: 0, notes: '' })
    expect(out).toMatch(/\d{4}-\d{2}-\d{2} 01:\d\d {2}page for/)
    await expect(undated(out)).toMatchFileSnapshot(golden('incident.text'))
  })

  it('writes the same as Markdown and as JSON', async () => {
    const markdown = await backtest(specs, '--format', 'markdown')
    await expect(undated(markdown.out)).toMatchFileSnapshot(golden('incident.md'))
    const { out } = await backtest(specs, '--json')
    expect(backtestReply.parse(JSON.parse(out)).backtest?.slos.map(({ name }) => name)).toEqual([
      'checkout-availability',
      'checkout-untouched',
    ])
    await expect(undated(out)).toMatchFileSnapshot(golden('incident.json'))
    expect((await backtest(specs, '--format', 'json')).out).toBe(out)
  })

  it('says of the same specs what a plan says that they would have said', async () => {
    const planned = JSON.parse((await runCommand(planCommand, '--data', incident.folder, specs, '--json')).out)
    const tested = JSON.parse((await backtest(specs, '--json')).out)
    const { name, service, window, ...side } = tested.backtest.slos[0]
    expect([name, service, window]).toEqual(['checkout-availability', 'checkout', '30d'])
    expect(side).toEqual(planned.plan.slos[0].after)
  })

  it('looks at no more than the stretch that is asked for, with what came before it in its windows', async () => {
    const calm = JSON.parse((await backtest(specs, '--to', iso(50), '--json')).out).backtest
    expect(calm).toMatchObject({
      from: iso(0),
      to: iso(50),
      slos: [{ alerts: [], today: { valid: 1000, good: 1000 } }, {}],
    })
    const later = JSON.parse((await backtest(specs, '--from', iso(100), '--to', iso(110), '--json')).out).backtest
    expect(later).toMatchObject({ from: iso(100), to: iso(110) })
    expect(later.slos[0].today).toMatchObject({ valid: 2200, good: 1900, at: iso(110) })
    const future = JSON.parse((await backtest(specs, '--from', iso(-9000), '--to', iso(-8000), '--json')).out).backtest
    expect(future.slos[0]).toMatchObject({ alerts: [], today: { valid: 0, sli: null, status: 'no-data' } })
  })

  it('tells whoever waits how much is done, up to all of it', async () => {
    const shares: number[] = []
    const waiting = { progress: (share: number) => void shares.push(share), signal: new AbortController().signal }
    const files = [{ file: 'a.yaml', text: readFileSync(specs, 'utf8') }]
    const api = createApiClient(incident.api.url, undefined)
    await api.post('/api/v1/specs:backtest', { files }, waiting)
    expect(shares.at(-1)).toBe(1)
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
    expect(shares.length).toBeGreaterThan(2)
    const gone = new AbortController()
    const leaving = { progress: () => gone.abort(new Error('left')), signal: gone.signal }
    await expect(api.post('/api/v1/specs:backtest', { files }, leaving)).rejects.toThrow('left')
  })

  it('of files with errors prints the findings and ends with 1', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ninefold-backtest-'))
    const broken = join(folder, 'broken.yaml')
    writeFileSync(broken, readFileSync(specs, 'utf8').replace('target: 0.99', 'target: 1'))
    const { code, out, notes } = await backtest(broken)
    rmSync(folder, { recursive: true })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(notes).toMatch(/broken\.yaml:\d+:\d+ {2}SPEC_OBJECTIVE_100 /)
  })

  it.each([
    [[], 'takes the files'],
    [[specs, '--format', 'html'], '--format is one of text, markdown, json'],
    [[specs, '--from', 'yesterday'], '--from "yesterday" is no time'],
    [[specs, '--to', '2026-13-01'], '--to "2026-13-01" is no time'],
    [[specs, '--from', '2026-11-02', '--to', '2026-11-01'], '--from is before --to'],
    [[specs, '--from', '2020-11-02', '--to', '2026-11-01'], '400 days'],
  ])('refuses %j', async (args, message) => {
    await expect(backtest(...args)).rejects.toThrow(message)
  })
})
