import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { NinefoldError } from '../../lib/errors.ts'
import { type Finding, formatFinding } from '../../lib/findings.ts'
import { followHistory, readCommit } from '../apply-steps.ts'
import type { Command, CommandContext, ExitCode, Terminal } from '../command.ts'
import type { ApiClient } from '../instance/running-instance.ts'
import { specPaths } from '../instance/spec-paths.ts'
import { useApi } from '../instance/use-api.ts'
import { readFilesToSend } from '../spec-upload.ts'

interface ApplyAnswer {
  readonly outcome: 'applied' | 'unchanged' | 'invalid' | 'would-remove'
  readonly revision?: string
  readonly removed?: readonly string[]
  readonly findings: readonly Finding[]
}

export const applyCommand: Command = {
  name: 'apply',
  summary: 'put specs into force as a new revision: who, when, why; its history follows from raw events',
  usage: '[PATH…] [--message TEXT] [--author NAME] [--commit ID] [--expect REVISION] [--prune [--yes]] [--wait]',
  options: {
    message: { type: 'string', short: 'm', about: 'why; kept with the revision' },
    author: { type: 'string', about: 'who (default: the user of the system)' },
    commit: { type: 'string', about: 'of the repository (default: what git says of the folder)' },
    expect: {
      type: 'string',
      about: 'the revision that was planned against; refused when another one is in force by now',
    },
    prune: { type: 'boolean', about: 'SLOs in force that the files do not have go; asks first' },
    yes: { type: 'boolean', about: 'do not ask' },
    wait: { type: 'boolean', about: 'until the history of all revisions is worked out' },
  },
  examples: [
    { line: 'apply slos -m "Checkout promises 99.9 %"', about: 'a new revision, unless it is in force already' },
    { line: 'apply slos --prune --yes', about: 'exactly these files, whatever was there' },
    { line: 'apply slos --expect 3f0c…', about: 'only if nobody else was first' },
  ],
  run: async context => {
    const { positionals, flags, loadConfig, terminal, clock, json } = context
    const loaded = loadConfig()
    const { config } = loaded
    const paths = specPaths(positionals, loaded)
    const files = await readFilesToSend(paths, terminal)
    if (files === undefined) return 1
    const body = {
      files,
      path: paths.join(' '),
      author: textOf(flags.author) ?? userInfo().username,
      commit: textOf(flags.commit) ?? readCommit(resolve(paths[0] ?? '.')),
      message: textOf(flags.message) ?? '',
      ...(textOf(flags.expect) === undefined ? {} : { expected: textOf(flags.expect) }),
    }
    let code: ExitCode = 0
    await useApi(config, clock, async api => {
      const answer = await putSpecs(api, body, context)
      for (const finding of answer.findings) terminal.note(formatFinding(finding))
      if (json) terminal.out(JSON.stringify(answer, null, 2))
      else print(answer, terminal)
      code = answer.outcome === 'applied' || answer.outcome === 'unchanged' ? 0 : 1
      if (code === 0 && flags.wait === true) await followHistory(api, context)
    })
    return code
  },
}

/** Asks before anything is removed: once without, and once more with leave. */
async function putSpecs(api: ApiClient, body: object, { flags, terminal }: CommandContext): Promise<ApplyAnswer> {
  const mayPrune = flags.prune === true && flags.yes === true
  const answer = (await api.put('/api/v1/specs', { ...body, prune: mayPrune })) as ApplyAnswer
  if (answer.outcome !== 'would-remove' || flags.prune !== true) return answer
  if (terminal.ask === undefined)
    throw new NinefoldError('USAGE', '--prune asks before it removes, and nobody can answer: add --yes')
  const said = await terminal.ask(`Remove ${answer.removed?.join(', ')}? [y/N] `)
  if (!/^y(es)?$/i.test(said)) return answer
  return (await api.put('/api/v1/specs', { ...body, prune: true })) as ApplyAnswer
}

function print({ outcome, revision, removed = [] }: ApplyAnswer, terminal: Terminal): void {
  if (outcome === 'applied') terminal.out(`revision ${revision} is in force`)
  if (outcome === 'unchanged') terminal.out(`revision ${revision} is in force already`)
  if (outcome === 'would-remove')
    terminal.note(`nothing was done: ${removed.join(', ')} would be removed; --prune allows it`)
}

function textOf(flag: unknown): string | undefined {
  return typeof flag === 'string' ? flag : undefined
}
