import { existsSync, writeFileSync } from 'node:fs'
import { asNinefoldError, NinefoldError } from '../../lib/errors.ts'
import { formatFinding } from '../../lib/findings.ts'
import { isName } from '../../slo-specs/schema/definitions.ts'
import { loadLadder } from '../../slo-specs/schema/ladder.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import { parseSpecs } from '../../slo-specs/schema/parse-specs.ts'
import type { Command, CommandContext } from '../command.ts'
import { specPaths } from '../instance/spec-paths.ts'
import { useApi } from '../instance/use-api.ts'
import { type Proposal, proposeObjective, withoutHistory } from '../new-slo-proposal.ts'
import { type NewSlo, newSloName, newSloText } from '../new-slo-text.ts'

type Answers = Omit<NewSlo, 'objective'>

export const newCommand: Command = {
  name: 'new',
  summary: 'a new SLO as a commented file: asks four questions, proposes the objective from history',
  usage: 'slo [--service NAME] [--promise availability|DURATION] [--window 30d] [--objective PERCENT] [--out FILE]',
  maxPositionals: 1,
  options: {
    service: { type: 'string', about: 'whose requests, as its service.name says' },
    promise: { type: 'string', about: 'availability, or within how long requests are answered: 300ms, 2s' },
    window: { type: 'string', about: 'over how long it is promised: 7d, 28d, 30d …' },
    objective: { type: 'string', about: 'percent: 99.9' },
    out: { type: 'string', about: 'the file to write (default SERVICE-availability.yaml or SERVICE-latency.yaml)' },
  },
  examples: [
    { line: 'new slo', about: 'asks, on a terminal' },
    { line: 'new slo --service checkout --promise 300ms --window 30d --objective 99.9', about: 'asks nothing' },
  ],
  run: async context => {
    const { positionals, flags, terminal, json } = context
    if (positionals.length !== 1 || positionals[0] !== 'slo') throw new NinefoldError('USAGE', 'new takes slo')
    refuseSilence(context)
    const slo = await askAll(context)
    const file = typeof flags.out === 'string' ? flags.out : `${newSloName(slo)}.yaml`
    if (existsSync(file)) throw new NinefoldError('USAGE', `${file} exists already; name another with --out`)
    const text = newSloText(slo)
    const { specs, findings } = parseSpecs([{ file, text }], { standard: await loadLadder() })
    for (const finding of findings.filter(({ code }) => code !== 'SPEC_UNDECLARED_SERVICE'))
      terminal.note(formatFinding(finding))
    if (specs === null) return 1
    writeFileSync(file, text)
    if (json) terminal.out(JSON.stringify({ file, slo: newSloName(slo), text }, null, 2))
    else terminal.out(`${file}: try ninefold backtest ${file}`)
    return 0
  },
}

const questions = ['service', 'promise', 'window', 'objective'] as const

/** Where nobody can answer, every question is answered by a flag. */
function refuseSilence({ flags, terminal }: CommandContext): void {
  const missing = questions.filter(name => typeof flags[name] !== 'string')
  if (missing.length > 0 && terminal.ask === undefined)
    throw new NinefoldError('USAGE', `nobody can answer: add ${missing.map(name => `--${name}`).join(', ')}`)
}

async function askAll(context: CommandContext): Promise<NewSlo> {
  const known = await knownServices(context)
  const service = await answered(
    context,
    'service',
    'Whose requests?',
    known[0] ?? '',
    text => isName('Service', text),
    'is no name of a service',
  )
  const promise = await answered(
    context,
    'promise',
    'What is promised: availability, or an answer within (e.g. 300ms)?',
    'availability',
    text => text === 'availability' || /^[1-9]\d{0,5}(ms|s|m)$/.test(text),
    'is neither availability nor a duration like 300ms',
  )
  const window = await answered(
    context,
    'window',
    'Over how long?',
    '30d',
    text => /^[1-9]\d{0,3}[hdwMQY]$/.test(text),
    'is no window like 30d',
  )
  const answers: Answers = {
    service,
    kind: promise === 'availability' ? 'availability' : 'latency',
    within: promise,
    window,
    isKnownService: known.includes(service),
  }
  const { objective, reason } = typeof context.flags.objective === 'string' ? given : await propose(answers, context)
  const isPercent = (text: string) => /^\d{1,2}(\.\d{1,12})?$/.test(text)
  const question = `How many percent (${reason})?`
  return { ...answers, objective: await answered(context, 'objective', question, objective, isPercent, percentProblem) }
}

const percentProblem = 'is no percentage from 0 to below 100'
/** Who knows what to promise is told nothing. */
const given: Proposal = { objective: '', reason: '' }

/** The value of the flag, or of the answer: an empty one is what is proposed, a wrong one is asked for again. */
async function answered(
  { flags, terminal }: CommandContext,
  flag: (typeof questions)[number],
  question: string,
  proposed: string,
  isGood: (text: string) => boolean,
  problem: string,
): Promise<string> {
  const written = flags[flag]
  if (typeof written === 'string') {
    if (isGood(written)) return written
    throw new NinefoldError('USAGE', `--${flag}: ${JSON.stringify(written)} ${problem}`)
  }
  for (let tries = 0; tries < 5; tries++) {
    const said = await terminal.ask?.(`${question}${proposed === '' ? '' : ` [${proposed}]`} `)
    const answer = said === undefined || said === '' ? proposed : said
    if (isGood(answer)) return answer
    terminal.note(`${JSON.stringify(answer)} ${problem}`)
  }
  throw new NinefoldError('USAGE', `--${flag}: no answer that can be used`)
}

async function knownServices({ loadConfig }: CommandContext): Promise<readonly string[]> {
  const { specs } = await loadSpecs(specPaths([], loadConfig()))
  return specs?.services.map(({ name }) => name) ?? []
}

async function propose(answers: Answers, { loadConfig, clock }: CommandContext): Promise<Proposal> {
  let proposal = withoutHistory
  try {
    await useApi(loadConfig().config, clock, async api => {
      proposal = await proposeObjective(api, answers)
    })
  } catch (error) {
    // Nothing runs and there is no data: a promise can be written all the same.
    if (asNinefoldError(error).code !== 'NOT_RUNNING') throw error
  }
  return proposal
}
