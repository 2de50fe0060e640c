import type { PeriodReply } from '../../api/schemas/period-replies.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import { useApi } from '../instance/use-api.ts'
import { periodCsv } from '../period-csv.ts'
import { periodMarkdown } from '../period-markdown.ts'
import { periodPage } from '../period-page.ts'

const texts = new Map<unknown, (report: PeriodReply) => string[]>([
  ['md', periodMarkdown],
  ['html', periodPage],
  ['csv', periodCsv],
  ['json', report => [JSON.stringify(report, null, 2)]],
])
const formatNames = ['md', 'html', 'pdf', 'csv', 'json']

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
    {
      line: 'report --period 2026-Q4 --format pdf > q4.pdf',
      about: 'A4 pages: the answer on the first, everything on the others',
    },
    { line: 'report --period 2026 --format csv > 2026.csv', about: 'promises, incidents and changes, unrounded' },
  ],
  run: async ({ flags, loadConfig, terminal, clock, json }) => {
    const { period, 'time-zone': timeZone = 'UTC', format = json ? 'json' : 'md' } = flags
    if (typeof period !== 'string') throw new NinefoldError('USAGE', 'report takes --period, such as --period 2026-11')
    const print = printer(format, terminal, loadConfig)
    const path = `/api/v1/reports/${encodeURIComponent(period)}?timeZone=${encodeURIComponent(String(timeZone))}`
    await useApi(loadConfig().config, clock, async api => print((await api.get(path)) as PeriodReply))
    return 0
  },
}

function printer(
  format: unknown,
  { out, outBytes }: CommandContext['terminal'],
  loadConfig: CommandContext['loadConfig'],
): (report: PeriodReply) => Promise<void> {
  if (format === 'pdf') {
    if (outBytes === undefined)
      throw new NinefoldError('USAGE', 'a PDF is not for a terminal: send it to a file, such as > report.pdf')
    const viewerUrl = loadConfig().config['viewer.url']
    return async report => {
      // Libraries and fonts that no other format waits for.
      const { periodPdf } = await import('../../api/pdf/period-pdf.ts')
      outBytes(await periodPdf(report, viewerUrl))
    }
  }
  const linesOf = texts.get(format)
  if (linesOf === undefined) throw new NinefoldError('USAGE', `--format is one of ${formatNames.join(', ')}`)
  return async report => {
    for (const line of linesOf(report)) out(line)
  }
}
