import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { validateCommand } from '../../../cli/commands/validate.ts'
import { renderHelp } from '../../../cli/help.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import { runCommand } from './run-command.ts'

const folder = process.cwd()
beforeAll(() => process.chdir('test/cli/commands/specs'))
afterAll(() => process.chdir(folder))

const formats = ['text', 'json', 'sarif', 'github']

describe('ninefold validate', () => {
  it.each(formats)('writes findings as %s and exits 1', async format => {
    const { code, out } = await runCommand(validateCommand, 'broken.yaml', '--format', format)
    expect(code).toBe(1)
    await expect(out).toMatchFileSnapshot(`golden/validate-broken.${format}`)
  })

  it.each(formats)('writes as %s that nothing is wrong and exits 0', async format => {
    const { code, out } = await runCommand(validateCommand, 'shop.yaml', '--format', format)
    expect(code).toBe(0)
    await expect(out).toMatchFileSnapshot(`golden/validate-shop.${format}`)
  })

  it('lets nobody write commands of their own into the log of a workflow', async () => {
    const { out } = await runCommand(validateCommand, 'broken.yaml', '--format', 'github')
    const commands = out.split('\n').filter(line => line.startsWith('::'))
    expect(commands.every(line => /^::(error|warning) file=broken\.yaml,line=\d+,col=\d+,title=SPEC_/.test(line))).toBe(
      true,
    )
    expect(commands).toHaveLength(2)
  })

  it('takes --json for --format json, and no format that does not exist', async () => {
    const json = await runCommand(validateCommand, 'broken.yaml', '--json')
    expect(json.out).toBe((await runCommand(validateCommand, 'broken.yaml', '--format', 'json')).out)
    await expect(runCommand(validateCommand, '--format', 'xml')).rejects.toThrow(NinefoldError)
  })

  it('has a help page with examples', async () => {
    await expect(`${renderHelp(validateCommand)}\n`).toMatchFileSnapshot('golden/validate-help.text')
  })
})
