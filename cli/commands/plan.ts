import { NinefoldError } from '../../lib/errors.ts'
import { formatFinding } from '../../lib/findings.ts'
import type { Command } from '../command.ts'
import { readPolicy } from '../fail-if.ts'
import { specPaths } from '../instance/spec-paths.ts'
import { useApi } from '../instance/use-api.ts'
import { planMarkdown } from '../plan-markdown.ts'
import type { PlanAnswer, PlanReply } from '../plan-reply.ts'
import { planText } from '../plan-text.ts'
import { progressBar } from '../progress-bar.ts'
import { readFilesToSend } from '../spec-upload.ts'

const formats = new Map<unknown, (plan: PlanReply) => string[]>([
  ['text', planText],
  ['markdown', planMarkdown],
])

export const planCommand: Command = {
  name: 'plan',
  summary: 'what a change of specs would have meant: budgets and alerts of the past, before and after',
  usage: '[PATH…] [--days N] [--format text|markdown] [--fail-if COMPARISON]…',
  options: {
    days: { type: 'string', about: 'how much of the past alerts are replayed over (default 30)' },
    format: { type: 'string', about: 'text, or markdown for a pull request' },
    'fail-if': {
      type: 'string',
      multiple: true,
      about: 'exit 1 when it holds: "pages > 2", "new-pages > 0", "new-exhausted > 0", "removed > 0"',
    },
  },
  examples: [
    { line: 'plan', about: 'the specs of the configuration against those in force' },
    { line: 'plan slos --format markdown', about: 'for a pull request' },
    { line: 'plan slos --fail-if "new-pages > 0"', about: 'a change that would have paged more is refused' },
    { line: 'plan slos --json', about: 'every number, and every alert' },
  ],
  run: async ({ positionals, flags, loadConfig, terminal, clock, json, signal }) => {
    const format = formats.get(flags.format ?? 'text')
    if (format === undefined) throw new NinefoldError('USAGE', `--format is one of ${[...formats.keys()].join(', ')}`)
    const policies = [flags['fail-if'] ?? []].flat().map(text => readPolicy(String(text)))
    const days = daysOf(flags.days)
    const loaded = loadConfig()
    const { config } = loaded
    const files = await readFilesToSend(specPaths(positionals, loaded), terminal)
    if (files === undefined) return 1
    let answer: PlanAnswer = { findings: [], plan: null }
    const bar = progressBar(terminal, 'plan', signal)
    await useApi(config, clock, async api => {
      answer = (await api.post('/api/v1/specs:plan', { files, days }, bar)) as PlanAnswer
    })
    bar.clear()
    const { findings, plan } = answer
    for (const finding of findings) terminal.note(formatFinding(finding))
    if (json) terminal.out(JSON.stringify(answer, null, 2))
    if (plan === null) return 1
    if (!json) for (const line of format(plan)) terminal.out(line)
    const failed = policies.flatMap(policy => {
      const value = policy.fails(plan)
      return value === undefined ? [] : [`--fail-if "${policy.text}": it is ${value}`]
    })
    for (const line of failed) terminal.note(line)
    return failed.length > 0 ? 1 : 0
  },
}

function daysOf(written: unknown): number {
  if (written === undefined) return 30
  if (typeof written === 'string' && /^[1-9]\d{0,2}$/.test(written) && Number(written) <= 400) return Number(written)
  throw new NinefoldError('USAGE', '--days is a whole number from 1 to 400')
}
