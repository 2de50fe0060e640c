import { resolve } from 'node:path'
import { formatRatio } from '../../compute/budget/format.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Command, ExitCode } from '../command.ts'
import { findInstance } from '../instance/running-instance.ts'
import { useApi } from '../instance/use-api.ts'
import { type KnownStretch, knownPartText } from '../known-part-text.ts'

interface GatedSlo extends Pick<KnownStretch, 'coverage' | 'data'> {
  readonly name: string
  readonly window: { readonly text: string; readonly from: string; readonly to: string }
  readonly errorBudget: { readonly remainingRatio: number }
  readonly budgetPolicy: {
    readonly action: 'none' | 'notify' | 'review' | 'freeze' | 'unknown'
    readonly reached: readonly { readonly policy: string; readonly action: string; readonly message: string }[]
  }
}

export const gateCommand: Command = {
  name: 'gate',
  summary: 'may a change go out? exit 1 when a budget policy says stop (for CI/CD)',
  usage: 'SLO…',
  options: {},
  examples: [
    {
      line: 'gate checkout-availability',
      about: 'exit 0: go, 1: its budget policy freezes changes, 2: nobody can say',
    },
    {
      line: 'gate checkout-availability checkout-latency --json',
      about: 'several SLOs, one freeze stops; for a program',
    },
    { line: 'gate checkout-availability --set api.url=https://slo.example.org', about: 'asks an instance elsewhere' },
  ],
  run: async ({ positionals, loadConfig, terminal, json, clock }) => {
    if (positionals.length === 0) throw new NinefoldError('USAGE', 'gate takes the names of SLOs')
    const { config } = loadConfig()
    // What was true when an instance last ran is no answer to whether a change may go out now.
    if (config['api.url'] === null && findInstance(resolve(config.data)) === undefined)
      throw new NinefoldError('NOT_RUNNING', `no instance runs on ${resolve(config.data)}, so no budget is known`)
    const slos: GatedSlo[] = []
    await useApi(config, clock, async api => {
      for (const name of new Set(positionals))
        slos.push((await api.get(`/api/v1/slos/${encodeURIComponent(name)}`)) as GatedSlo)
    })
    const code = exitCodeOf(slos)
    if (json) {
      const told = slos.map(({ name, errorBudget: { remainingRatio }, coverage, data, budgetPolicy }) => ({
        ...{ name, remainingRatio, coverage, data, ...budgetPolicy },
      }))
      terminal.out(JSON.stringify({ verdict: verdicts[code], slos: told }, null, 2))
    } else for (const slo of slos) terminal.out(lineOf(slo))
    for (const { name, window, coverage, data, budgetPolicy } of slos) {
      const part = knownPartText({ ...window, coverage, data }, `its window of ${window.text}`)
      if (budgetPolicy.action === 'unknown')
        terminal.note(`${name} has no valid events in its window of ${window.text}, so its budget is not known`)
      else if (part !== '') terminal.note(`${name}: ${part}`)
    }
    return code
  },
}

const verdicts = { 0: 'go', 1: 'stop', 2: 'unknown' } as const

/** A freeze stops, whatever is not known beside it. */
function exitCodeOf(slos: readonly GatedSlo[]): ExitCode {
  const actions = slos.map(({ budgetPolicy }) => budgetPolicy.action)
  if (actions.includes('freeze')) return 1
  return actions.includes('unknown') ? 2 : 0
}

function lineOf({ name, errorBudget, budgetPolicy: { action, reached } }: GatedSlo): string {
  if (action === 'unknown') return `unknown  ${name}  no data`
  const word = action === 'freeze' ? 'stop' : 'go'
  const [first] = reached
  const why =
    first === undefined
      ? ''
      : `, ${[`${first.action} by ${first.policy}`, first.message].filter(text => text !== '').join(': ')}`
  return `${word.padEnd(7)}  ${name}  ${formatRatio(errorBudget.remainingRatio)} of the budget left${why}`
}
