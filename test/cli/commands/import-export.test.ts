import { describe, expect, it } from 'vitest'
import { exportCommand } from '../../../cli/commands/export.ts'
import { importCommand } from '../../../cli/commands/import.ts'
import { runCommand } from './run-command.ts'

const foreign = 'test/cli/commands/specs/foreign'
const golden = (name: string) => `golden/${name}`

describe('ninefold import', () => {
  it('writes SLOs of Sloth as specs and lists what is left out', async () => {
    const { code, out, notes } = await runCommand(importCommand, 'sloth', `${foreign}/sloth.yaml`)
    expect(code).toBe(0)
    await expect(out).toMatchFileSnapshot(golden('import-sloth.yaml'))
    const places = notes.split('\n').filter(line => line.startsWith(foreign))
    await expect(`${places.join('\n')}\n`).toMatchFileSnapshot(golden('import-sloth.notes.text'))
  })

  it('of what is neither ends with 1 and the place', async () => {
    const { code, notes } = await runCommand(importCommand, 'sloth', 'test/cli/commands/specs/shop.yaml')
    expect(code).toBe(1)
    expect(notes).toContain('shop.yaml:2:1  SPEC_NOT_A_DEFINITION ')
  })

  it.each([
    [[], 'import takes one of sloth, openslo'],
    [['sloth'], 'takes files'],
    [['sloth', 'x', '--period', '7d'], '--period'],
  ])('refuses %j', async (args, message) => {
    await expect(runCommand(importCommand, ...args)).rejects.toThrow(message)
  })
})

describe('ninefold export', () => {
  it('writes specs as plain OpenSLO and lists what that has no words for', async () => {
    const { code, out, notes } = await runCommand(exportCommand, 'openslo', 'test/cli/commands/specs/shop.yaml')
    expect(code).toBe(0)
    await expect(out).toMatchFileSnapshot(golden('export-openslo.yaml'))
    await expect(notes).toMatchFileSnapshot(golden('export-openslo.notes.text'))
  })

  it('is what import reads', async () => {
    const { out } = await runCommand(exportCommand, 'openslo', 'test/cli/commands/specs/shop-slices.yaml', '--json')
    expect(JSON.parse(out).text).toContain('timeSliceWindow')
    const back = await runCommand(importCommand, 'openslo', 'test/cli/commands/golden/export-openslo.yaml')
    expect(back.code).toBe(0)
    expect(back.out).toBe((await runCommand(exportCommand, 'openslo', 'test/cli/commands/specs/shop.yaml')).out)
  })

  it('writes as files of Sloth what Sloth can say', async () => {
    const { code, out, notes } = await runCommand(exportCommand, 'sloth', 'test/cli/commands/golden/import-sloth.yaml')
    expect([code, notes]).toEqual([0, ''])
    await expect(out).toMatchFileSnapshot(golden('export-sloth.yaml'))
    const none = await runCommand(exportCommand, 'sloth', 'test/cli/commands/specs/shop.yaml')
    expect([none.code, none.out]).toEqual([0, ''])
    expect(none.notes).toContain('shop-availability is left out: its events are not asked of Prometheus')
  })

  it('of specs with errors prints the findings', async () => {
    const { code, notes } = await runCommand(exportCommand, 'openslo', 'test/cli/commands/specs/broken.yaml')
    expect([code, notes]).toEqual([1, expect.stringContaining('SPEC_UNKNOWN_FIELD')])
    await expect(runCommand(exportCommand, 'prometheus')).rejects.toThrow('export takes one of openslo, sloth')
  })
})
