import { formatQuotient } from '../../compute/budget/format.ts'
import type { Command } from '../command.ts'
import type { ApiClient } from '../instance/running-instance.ts'
import { useApi } from '../instance/use-api.ts'
import { type KnownStretch, knownPartText } from '../known-part-text.ts'
import { tableLines } from '../text-table.ts'

interface RatioRow {
  readonly name: string
  readonly unit: string
  readonly windows: readonly (KnownStretch & {
    readonly window: string
    readonly value: number | null
    readonly numerator: number | null
    readonly denominator: number | null
  })[]
}

async function readRatios(api: ApiClient, name: string | undefined): Promise<readonly RatioRow[]> {
  if (name !== undefined) return [(await api.get(`/api/v1/ratios/${encodeURIComponent(name)}`)) as RatioRow]
  return ((await api.get('/api/v1/ratios')) as { ratios: readonly RatioRow[] }).ratios
}

function table(rows: readonly RatioRow[]): string[] {
  const windows = rows[0]?.windows.map(({ window }) => window) ?? []
  const [shortest = ''] = windows
  const header = [
    'RATIO',
    ...windows.map(window => `LAST ${window}`),
    `NUMERATOR ${shortest}`,
    `DENOMINATOR ${shortest}`,
  ]
  const cells = rows.map(({ name, unit, windows: values }) => [
    name,
    ...values.map(({ value }) => formatQuotient(value, unit)),
    formatQuotient(values[0]?.numerator ?? null, ''),
    formatQuotient(values[0]?.denominator ?? null, ''),
  ])
  return tableLines([header, ...cells])
}

/** Which part of their windows the numbers are of; ratios of which the same is known share a line. */
function partLines(rows: readonly RatioRow[]): string[] {
  const names = new Map<string, string[]>()
  for (const { name, windows } of rows) {
    for (const window of windows) {
      const text = window.value === null ? '' : knownPartText(window, `the last ${window.window}`)
      if (text !== '') names.set(text, [...(names.get(text) ?? []), name])
    }
  }
  return [...names].map(([text, each]) => `${each.join(', ')}: ${text}`)
}

export const ratiosCommand: Command = {
  name: 'ratios',
  summary: 'one number over another, such as orders per cart, over the last hour, day and 30 days',
  usage: '[RATIO]',
  maxPositionals: 1,
  options: {},
  examples: [
    { line: 'ratios', about: 'all ratios of the running instance' },
    { line: 'ratios orders-paid --json', about: 'one ratio with every number' },
  ],
  run: async ({ positionals, loadConfig, terminal, json, clock }) => {
    const read = await useApi(loadConfig().config, clock, async api => {
      const rows = await readRatios(api, positionals[0])
      if (json) terminal.out(JSON.stringify(rows, null, 2))
      else if (rows.length === 0) terminal.out('no ratios yet: write one in the specs folder, see docs/specs/ratios.md')
      else for (const row of [...table(rows), ...partLines(rows)]) terminal.out(row)
    })
    if (read === 'at rest') terminal.note('no instance runs: these are the numbers of what it stored')
    return 0
  },
}
