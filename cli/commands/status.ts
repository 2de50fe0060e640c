import type { Command, Terminal } from '../command.ts'
import type { ApiClient } from '../instance/running-instance.ts'
import { useApi } from '../instance/use-api.ts'
import { type SloRow, statusLines } from '../status-text.ts'

const refreshMs = 2000

async function readSlos(api: ApiClient, name: string | undefined): Promise<readonly SloRow[]> {
  if (name !== undefined) return [(await api.get(`/api/v1/slos/${encodeURIComponent(name)}`)) as SloRow]
  return ((await api.get('/api/v1/slos')) as { slos: readonly SloRow[] }).slos
}

function print(terminal: Terminal, rows: readonly SloRow[], json: boolean): void {
  for (const line of json ? [JSON.stringify(rows, null, 2)] : statusLines(rows)) terminal.out(line)
}

export const statusCommand: Command = {
  name: 'status',
  summary: 'worst budget first; -w keeps it current',
  usage: '[SLO] [-w]',
  maxPositionals: 1,
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
