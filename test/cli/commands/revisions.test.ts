import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyCommand } from '../../../cli/commands/apply.ts'
import { revisionsCommand } from '../../../cli/commands/revisions.ts'
import { type Incident, openIncident, undated } from './incident.ts'
import { type CommandRun, runCommand } from './run-command.ts'

const before = 'test/cli/commands/specs/plan-before.yaml'
const after = 'test/cli/commands/specs/plan-after.yaml'
let incident: Incident

beforeAll(async () => {
  incident = await openIncident()
}, 60_000)
afterAll(() => incident.close())

describe('ninefold apply and revisions', () => {
  it('print a change of promises from its first revision to the way back', async () => {
    const at = ['--data', incident.folder]
    const lines: string[] = []
    const note = (line: string, { code, out, notes }: CommandRun) => {
      lines.push(
        `$ ninefold ${line}`,
        ...[notes, out].filter(text => text !== ''),
        ...(code === 0 ? [] : [`exit ${code}`]),
        '',
      )
      return out
    }
    const apply = async (line: string, ...args: string[]) =>
      note(`apply ${line}`, await runCommand(applyCommand, ...args, '--author', 'ann', '--commit', 'c0ffee', ...at))
    const revisions = async (...args: string[]) =>
      note(`revisions ${args.join(' ')}`, await runCommand(revisionsCommand, ...args, ...at))
    const stricter = await apply('plan-after.yaml -m stricter', after, '-m', 'stricter')
    const first = /[0-9a-f]{16}/.exec(stricter)?.[0]?.slice(0, 8) ?? ''
    await apply('plan-after.yaml', after)
    await apply('plan-before.yaml -m "too strict"', before, '-m', 'too strict')
    await revisions('list')
    await revisions('diff', first)
    await revisions('rollback', first, '-m', 'it was not', '--author', 'bob')
    await revisions('list')
    await revisions('show', first)
    await expect(undated(lines.join('\n'))).toMatchFileSnapshot('golden/revisions.text')
  })
})
