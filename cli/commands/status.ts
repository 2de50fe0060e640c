import { formatBurnRate, formatRatio } from '../../compute/budget/format.ts'
import type { Command, Terminal } from '../command.ts'
import type { ApiClient } from '../instance/running-instance.ts'
import { useApi } from '../instance/use-api.ts'

interface SloRow {
  readonly name: string
  readonly service: string
  readonly objective: number
  readonly objectiveText: string
  readonly sli: number | null
  readonly status: string
  readonly good: number
  readonly valid: number
  readonly window: { readonly text: string }
  readonly errorBudget: { readonly remainingRatio: number; readonly exhaustedAt: string | null }
  readonly burnRates: readonly { readonly window: string; readonly rate: number | null }[]
}

const refreshMs = 2000

async function readSlos(api: ApiClient, name: string | undefined): Promise<readonly SloRow[]> {
  if (name !== undefined) return [(await api.get(`/api/v1/slos/${encodeURIComponent(name)}`)) as SloRow]
  return ((await api.get('/api/v1/slos')) as { slos: readonly SloRow[] }).slos
}

function table(rows: readonly SloRow[]): string[] {
  const header = ['SLO', 'STATUS', 'SLI', 'OBJECTIVE', 'WINDOW', 'BUDGET LEFT', 'BURN 1h', 'VALID']
  const cells = rows.map(row => [
    row.name,
    row.status,
    formatRatio(row.sli, { target: row.objective }),
    formatRatio(row.objective),
    row.window.text,
    formatRatio(row.errorBudget.remainingRatio),
    formatBurnRate(row.burnRates.find(({ window }) => window === '1h')?.rate ?? null),
    String(row.valid),
  ])
  const widths = header.map((title, index) => Math.max(title.length, ...cells.map(row => row[index]?.length ?? 0)))
  return [header, ...cells].map(row =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function print(terminal: Terminal, rows: readonly SloRow[], json: boolean): void {
  if (json) terminal.out(JSON.stringify(rows, null, 2))
  else if (rows.length === 0) terminal.out('no SLOs yet: write one in the specs folder, see docs/specs/language.md')
  else for (const row of table(rows)) terminal.out(row)
}

export const statusCommand: Command = {
  name: 'status',
  summary: 'worst budget first; -w keeps it current',
  usage: '[SLO] [-w]',
  options: { watch: { type: 'boolean', short: 'w', about: 'refresh every two seconds until Ctrl-C' } },
  examples: [
    { line: 'status', about: 'all SLOs of the running instance, worst budget first' },
    { line: 'status checkout-availability --json', about: 'one SLO with every number' },
    { line: 'status -w', about: 'keep it on the screen' },
  ],
  run: async ({ positionals, flags, loadConfig, terminal, json, clock, signal }) => {
    const watch = flags.watch === true
    const read = await useApi(loadConfig().config, clock, async api => {
      do {
        const rows = await readSlos(api, positionals[0])
        if (watch && terminal.interactive) terminal.out('\u001b[2J\u001b[H')
        print(terminal, rows, json)
        if (watch) await clock.sleep(refreshMs, signal)
      } while (watch && !signal.aborted)
    })
    if (read === 'at rest') terminal.note('no instance runs: these are the numbers of what it stored')
    return 0
  },
}
