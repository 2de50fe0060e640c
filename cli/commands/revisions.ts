import { userInfo } from 'node:os'
import { NinefoldError } from '../../lib/errors.ts'
import type { Command, CommandContext, ExitCode, Terminal } from '../command.ts'
import type { ApiClient } from '../instance/running-instance.ts'
import { useApi } from '../instance/use-api.ts'
import { planTime } from '../plan-parts.ts'

interface Revision {
  readonly revision: string
  readonly appliedAt: string
  readonly source: string
  readonly path: string
  readonly author: string
  readonly commit: string
  readonly message: string
  readonly slos: number
  readonly files?: readonly { readonly file: string; readonly text: string }[]
}

interface Change {
  readonly name: string
  readonly kind: 'added' | 'changed' | 'removed'
  readonly fields: readonly { readonly field: string; readonly before: string; readonly after: string }[]
}

type Verb = (api: ApiClient, names: readonly string[], context: CommandContext) => Promise<ExitCode>

/** Each with how many revisions it takes at most. */
const verbs = new Map<string, readonly [verb: Verb, most: number]>([
  ['list', [list, 0]],
  ['show', [show, 1]],
  ['diff', [diff, 2]],
  ['rollback', [rollback, 1]],
])

export const revisionsCommand: Command = {
  name: 'revisions',
  summary: 'what was promised when, by whom and why; differences, and the way back',
  usage: 'list | show REVISION | diff REVISION [REVISION] | rollback REVISION [--message TEXT]',
  maxPositionals: 3,
  options: {
    message: { type: 'string', short: 'm', about: 'rollback: why' },
    author: { type: 'string', about: 'rollback: who (default: the user of the system)' },
    expect: { type: 'string', about: 'rollback: refused when another revision than this is in force' },
  },
  examples: [
    { line: 'revisions list', about: 'newest first; * is in force' },
    { line: 'revisions show 3f0c', about: 'the files of a revision, by the beginning of its name' },
    { line: 'revisions diff 3f0c', about: 'from a revision to the one in force, in what the SLOs mean' },
    { line: 'revisions rollback 3f0c -m "too strict"', about: 'as it was; the history of what came between stays' },
  ],
  run: async context => {
    const { positionals, loadConfig, clock } = context
    const [name = '', ...names] = positionals
    const found = verbs.get(name)
    if (found === undefined) throw new NinefoldError('USAGE', `revisions takes one of ${[...verbs.keys()].join(', ')}`)
    const [verb, most] = found
    if (most > 0 && names.length === 0) throw new NinefoldError('USAGE', `revisions ${name} takes a revision`)
    const extra = names[most]
    if (extra !== undefined) throw new NinefoldError('USAGE', `revisions ${name} does not take "${extra}"`)
    let code: ExitCode = 0
    await useApi(loadConfig().config, clock, async api => {
      code = await verb(api, names, context)
    })
    return code
  },
}

async function list(api: ApiClient, _: readonly string[], { terminal, json }: CommandContext): Promise<ExitCode> {
  const answer = (await api.get('/api/v1/revisions')) as { current: string; revisions: readonly Revision[] }
  if (json) terminal.out(JSON.stringify(answer, null, 2))
  else if (answer.revisions.length === 0) terminal.out('no specs were ever in force')
  else {
    const newest = answer.revisions.findIndex(({ revision }) => revision === answer.current)
    for (const [index, each] of answer.revisions.entries())
      terminal.out(`${index === newest ? '*' : ' '} ${lineOf(each)}`)
  }
  return 0
}

function lineOf({ revision, appliedAt, source, author, commit, message, slos }: Revision): string {
  const origin = [author, commit.slice(0, 10), message].filter(text => text !== '').join(', ')
  return `${revision}  ${planTime(appliedAt)}  ${source.padEnd(9)}  ${slos} SLOs${origin === '' ? '' : `  ${origin}`}`
}

async function show(
  api: ApiClient,
  [name = '']: readonly string[],
  { terminal, json }: CommandContext,
): Promise<ExitCode> {
  const revision = (await api.get(`/api/v1/revisions/${encodeURIComponent(name)}`)) as Revision
  if (json) terminal.out(JSON.stringify(revision, null, 2))
  else {
    terminal.note(lineOf(revision))
    for (const { file, text } of revision.files ?? []) terminal.out(`---\n# ${file}\n${text.trimEnd()}`)
  }
  return 0
}

async function diff(
  api: ApiClient,
  [from = '', to]: readonly string[],
  { terminal, json }: CommandContext,
): Promise<ExitCode> {
  const end = to ?? ((await api.get('/api/v1/revisions')) as { current: string }).current
  const path = `/api/v1/revisions/${encodeURIComponent(from)}/diff?to=${encodeURIComponent(end)}`
  const answer = (await api.get(path)) as { slos: readonly Change[]; ratios: readonly Change[] }
  if (json) terminal.out(JSON.stringify(answer, null, 2))
  else if (answer.slos.length + answer.ratios.length === 0) terminal.out('the SLOs mean the same')
  else {
    for (const change of answer.slos) printChange(change, terminal)
    for (const change of answer.ratios) printChange({ ...change, name: `ratio ${change.name}` }, terminal)
  }
  return 0
}

const marks = { added: '+', changed: '~', removed: '-' } as const

function printChange({ name, kind, fields }: Change, terminal: Terminal): void {
  terminal.out(`${marks[kind]} ${name} (${kind})`)
  for (const { field, before, after } of fields) {
    terminal.out(`    ${field}`)
    if (before !== '') terminal.out(`      - ${before}`)
    if (after !== '') terminal.out(`      + ${after}`)
  }
}

async function rollback(api: ApiClient, [name = '']: readonly string[], context: CommandContext): Promise<ExitCode> {
  const { flags, terminal, json } = context
  const body = {
    author: typeof flags.author === 'string' ? flags.author : userInfo().username,
    message: typeof flags.message === 'string' ? flags.message : '',
    ...(typeof flags.expect === 'string' ? { expected: flags.expect } : {}),
  }
  const path = `/api/v1/revisions/${encodeURIComponent(name)}/rollback`
  const answer = (await api.post(path, body)) as { outcome: string; revision?: string }
  if (json) terminal.out(JSON.stringify(answer, null, 2))
  else if (answer.outcome === 'applied') terminal.out(`revision ${answer.revision} is in force again`)
  else if (answer.outcome === 'unchanged') terminal.out(`revision ${answer.revision} is in force already`)
  else terminal.note(`revision ${name} has errors for this version of Ninefold; nothing was done`)
  return answer.outcome === 'applied' || answer.outcome === 'unchanged' ? 0 : 1
}
