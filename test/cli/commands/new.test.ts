import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newCommand } from '../../../cli/commands/new.ts'
import { loadSpecs } from '../../../slo-specs/schema/load.ts'
import { type Incident, openIncident } from './incident.ts'
import { answering, runAnswered, runCommand } from './run-command.ts'

const specs = 'test/cli/commands/specs/plan-before.yaml'
let incident: Incident
let folder: string

beforeAll(async () => {
  incident = await openIncident()
  folder = mkdtempSync(join(tmpdir(), 'ninefold-new-'))
}, 60_000)
afterAll(async () => {
  await incident.close()
  rmSync(folder, { recursive: true })
})

const where = () => ['--data', incident.folder, '--specs', specs]
const flags = ['--service', 'pay', '--promise', '300ms', '--window', '28d', '--objective', '99.5']

describe('ninefold new slo', () => {
  it('asks four questions and proposes what the last 30 days would have kept', async () => {
    const out = join(folder, 'asked.yaml')
    // The service that the specs know and the window are proposed, and taken.
    const person = answering('', 'availability', '', '')
    const { code } = await runAnswered(newCommand, person, 'slo', '--out', out, ...where())
    expect(code).toBe(0)
    expect(person.asked).toEqual([
      'Whose requests? [checkout] ',
      'What is promised: availability, or an answer within (e.g. 300ms)? [availability] ',
      'Over how long? [30d] ',
      'How many percent (the last 30d gave 91.666 % of 3600 requests)? [90] ',
    ])
    const { specs: both, findings } = await loadSpecs([specs, out])
    expect(findings.map(({ code: found }) => found)).toEqual(['SPEC_DUPLICATE_NAME'])
    expect(both).toBeNull()
    expect(readFileSync(out, 'utf8')).toContain('- target: 0.9 # 90 %')
  })

  it('asks again when an answer cannot be used', async () => {
    const out = join(folder, 'again.yaml')
    const person = answering('Check out', 'cart', '2 s', '2s', '1d', '100', '99.99')
    const run = await runAnswered(newCommand, person, 'slo', '--out', out, ...where())
    expect(run.code).toBe(0)
    expect(person.asked.length).toBe(7)
    expect(person.asked.at(-1)).toContain('there is no history of such requests yet')
    expect(run.notes).toContain('"Check out" is no name of a service')
    const { specs: set } = await loadSpecs([out])
    expect(set?.slos[0]).toMatchObject({ name: 'cart-latency', objectiveText: '0.9999', window: { text: '1d' } })
  })

  it('with all four flags asks nothing and writes a commented file that validates', async () => {
    const out = join(folder, 'flags.yaml')
    const { code } = await runCommand(newCommand, 'slo', ...flags, '--out', out, ...where())
    expect(code).toBe(0)
    await expect(readFileSync(out, 'utf8')).toMatchFileSnapshot('golden/new-slo-latency.yaml')
    expect((await loadSpecs([out])).findings).toEqual([])
    await expect(runCommand(newCommand, 'slo', ...flags, '--out', out, ...where())).rejects.toThrow('exists already')
  })

  it('can be written without any data', async () => {
    const out = join(folder, 'blind.yaml')
    const person = answering('cart', '', '', '')
    const args = ['slo', '--out', out, '--data', join(folder, 'nothing'), '--specs', specs]
    expect((await runAnswered(newCommand, person, ...args)).code).toBe(0)
    expect(person.asked.at(-1)).toBe('How many percent (there is no history of such requests yet)? [99] ')
  })

  it('is a usage error where nobody can answer, and for what is no answer', async () => {
    await expect(runCommand(newCommand, 'slo', '--service', 'pay', ...where())).rejects.toThrow(
      'nobody can answer: add --promise, --window, --objective',
    )
    await expect(runCommand(newCommand, 'slo', ...flags, '--objective', '100', ...where())).rejects.toThrow(
      '--objective: "100"',
    )
    await expect(runCommand(newCommand, 'sli', ...where())).rejects.toThrow('new takes slo')
  })

  it('is answered on a terminal, also by what was typed ahead', async () => {
    writeFileSync(join(folder, 'specs.yaml'), readFileSync(specs))
    const launcher = new URL('../../../ninefold', import.meta.url).pathname
    const command = `${launcher} new slo --data ${folder}/nothing --specs ${folder}/specs.yaml --out ${folder}/typed.yaml`
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.write('typed\n\n\n99.9\n')
    const code = await new Promise(resolve => child.on('close', resolve))
    child.stdin.end()
    expect(code).toBe(0)
    expect(readFileSync(join(folder, 'typed.yaml'), 'utf8')).toContain('- target: 0.999 # 99.9 %')
  })
})
