import { NinefoldError } from '../../lib/errors.ts'
import { formatFinding } from '../../lib/findings.ts'
import type { BacktestAnswer, BacktestReply } from '../backtest-reply.ts'
import { backtestMarkdown, backtestText } from '../backtest-text.ts'
import type { Command } from '../command.ts'
import { useApi } from '../instance/use-api.ts'
import { progressBar } from '../progress-bar.ts'
import { readFilesToSend } from '../spec-upload.ts'

type Format = (backtest: BacktestReply, answer: BacktestAnswer) => string[]

const formats = new Map<unknown, Format>([
  ['text', backtestText],
  ['markdown', backtestMarkdown],
  ['json', (_, answer) => [JSON.stringify(answer, null, 2)]],
])
const formatNames = [...formats.keys()]

export const backtestCommand: Command = {
  name: 'backtest',
  summary: 'what specs would have said of the past: SLI, budget left, every alert that would have fired',
  usage: `PATH… [--from TIME] [--to TIME] [--format ${formatNames.join('|')}]`,
  options: {
    from: { type: 'string', about: 'beginning, UTC: 2026-11-01 or 2026-11-01T10:00 (default 30 days before the end)' },
    to: { type: 'string', about: 'end, UTC (default now)' },
    format: { type: 'string', about: 'text, markdown or json (--json is --format json)' },
  },
  examples: [
    { line: 'backtest slos/checkout.yaml', about: 'the last 30 days, from raw events' },
    { line: 'backtest slos --from 2026-11-01 --to 2026-11-08', about: 'the week of the incident' },
    { line: 'backtest slos --format markdown > backtest.md', about: 'for a pull request' },
  ],
  run: async ({ positionals, flags, loadConfig, terminal, clock, json, signal }) => {
    if (positionals.length === 0) throw new NinefoldError('USAGE', 'backtest takes the files or folders of specs')
    const format = formats.get(flags.format ?? (json ? 'json' : 'text'))
    if (format === undefined) throw new NinefoldError('USAGE', `--format is one of ${formatNames.join(', ')}`)
    const range = { from: readTime('from', flags.from), to: readTime('to', flags.to) ?? clock.now() }
    if (range.from !== undefined && range.from >= range.to) throw new NinefoldError('USAGE', '--from is before --to')
    const files = await readFilesToSend(positionals, terminal)
    if (files === undefined) return 1
    const bar = progressBar(terminal, 'backtest', signal)
    const body = {
      files,
      to: new Date(range.to).toISOString(),
      ...(range.from === undefined ? {} : { from: new Date(range.from).toISOString() }),
    }
    let answer: BacktestAnswer = { findings: [], backtest: null }
    await useApi(loadConfig().config, clock, async api => {
      answer = (await api.post('/api/v1/specs:backtest', body, bar)) as BacktestAnswer
    })
    bar.clear()
    const { findings, backtest } = answer
    for (const finding of findings) terminal.note(formatFinding(finding))
    if (backtest === null) return 1
    for (const line of format(backtest, answer)) terminal.out(line)
    return 0
  },
}

const written = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/

/** Milliseconds of a time in ISO 8601; without a zone it is UTC, as everything that is printed. */
function readTime(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined
  const text = String(value)
  const hasZone = !text.includes('T') || /(Z|[+-]\d{2}:\d{2})$/.test(text)
  const milliseconds = written.test(text) ? Date.parse(hasZone ? text : `${text}Z`) : Number.NaN
  if (Number.isFinite(milliseconds)) return milliseconds
  throw new NinefoldError('USAGE', `--${name} ${JSON.stringify(text)} is no time: write 2026-11-01 or 2026-11-01T10:00`)
}
