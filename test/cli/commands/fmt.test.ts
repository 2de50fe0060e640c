import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fmtCommand } from '../../../cli/commands/fmt.ts'
import { renderHelp } from '../../../cli/help.ts'
import { runCommand } from './run-command.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-fmt-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const messy = 'kind: Service\napiVersion: openslo/v1\nspec: {}\nmetadata:\n    name: shop  # ours\n'
const tidy = 'apiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: shop # ours\nspec: {}\n'

describe('ninefold fmt', () => {
  it('writes files in their canonical form and names them, once', async () => {
    const file = write('a.yaml', messy)
    const { code, out } = await runCommand(fmtCommand, folder)
    expect([code, out]).toEqual([0, `${file}\n`])
    expect(readFileSync(file, 'utf8')).toBe(tidy)
    expect(await runCommand(fmtCommand, folder)).toEqual({ code: 0, out: '', notes: '1 files, 0 formatted\n' })
  })

  it('with --check only says what would change, and exits 1', async () => {
    const file = write('a.yaml', messy)
    expect(await runCommand(fmtCommand, folder, '--check')).toEqual({
      code: 1,
      out: `${file}\n`,
      notes: '1 files, 1 to be formatted\n',
    })
    expect(readFileSync(file, 'utf8')).toBe(messy)
  })

  it('leaves what is no YAML as it is and says where it is wrong', async () => {
    const file = write('a.yaml', 'a: 1\nb: [1,\n')
    const { code, out } = await runCommand(fmtCommand, folder)
    expect(code).toBe(1)
    expect(out).toContain(`${file}:3:1  SPEC_YAML_SYNTAX`)
    expect(readFileSync(file, 'utf8')).toBe('a: 1\nb: [1,\n')
  })

  it('has a help page with examples', async () => {
    await expect(`${renderHelp(fmtCommand)}\n`).toMatchFileSnapshot('golden/fmt-help.text')
  })
})
