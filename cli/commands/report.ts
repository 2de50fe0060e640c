import type { PeriodReply } from '../../api/schemas/period-replies.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Command } from '../command.ts'
import { useApi } from '../instance/use-api.ts'
import { periodCsv } from '../period-csv.ts'
import { periodPage } from '../period-page.ts'
import { periodMarkdown } from '../period-tables.ts'

const formats = new Map<unknown, (report: PeriodReply) => string[]>([
  ['md', periodMarkdown],
  ['html', periodPage],
  ['csv', periodCsv],
  ['json', report => [JSON.stringify(report, null, 2)]],
])
const formatNames = [...formats.keys()]

export const reportCommand: Command = {
  name: 'report',
  summary: 'were the promises of a month, quarter or year kept, for who has one minute and for an auditor',
  usage: `--period PERIOD [--time-zone ZONE] [--format ${formatNames.join('|')}]`,
  maxPositionals: 0,
  options: {
    period: { type: 'string', about: 'year 2026, quarter 2026-Q4, month 2026-11, week 2026-W48 or day 2026-11-27' },
    'time-zone': { type: 'string', about: 'IANA name of the clocks on which the period begins and ends (default UTC)' },
    format: { type: 'string', about: `${formatNames.join(', ')} (default md; --json is --format json)` },
  },
  examples: [
    { line: 'report --period 2026-11 --time-zone Europe/Berlin', about: 'the month in the terminal' },
    { line: 'report --period 2026-Q4 --format html > q4.html', about: 'one page by itself, to be sent or printed' },
    { line: 'report --period 2026 --format csv > 2026.csv', about: 'promises, incidents and changes, unrounded' },
  ],
  run: async ({ flags, loadConfig, terminal, clock, json }) => {
    const { period, 'time-zone': timeZone = 'UTC', format = json ? 'json' : 'md' } = flags
    if (typeof period !== 'string') throw new NinefoldError('USAGE', 'report takes --period, such as --period 2026-11')
    const print = formats.get(format)
    if (print === undefined) throw new NinefoldError('USAGE', `--format is one of ${formatNames.join(', ')}`)
    const path = `/api/v1/reports/${encodeURIComponent(period)}?timeZone=${encodeURIComponent(String(timeZone))}`
    await useApi(loadConfig().config, clock, async api => {
      const report = (await api.get(path)) as PeriodReply
      for (const line of print(report)) terminal.out(line)
    })
    return 0
  },
}
