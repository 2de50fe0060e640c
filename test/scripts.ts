/** The npm scripts that people run: what each takes, its help, and one reader of their arguments for all of them. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { columns } from '../cli/help.ts'

interface ScriptOption {
  readonly takes: 'nothing' | 'a number' | 'a name'
  readonly about: string
}

export interface Script {
  /** How it is called. */
  readonly call: string
  readonly summary: string
  /** What names it takes beside options; none when left out. */
  readonly names?: string
  readonly options: Readonly<Record<string, ScriptOption>>
  readonly examples: readonly { readonly line: string; readonly about: string }[]
}

export const scripts = {
  test: {
    call: 'npm test',
    summary: 'every check and every suite; the last line is the total',
    options: {
      checks: { takes: 'nothing', about: 'only the fast half, as npm run check: lint, types, imports, dead code' },
    },
    examples: [
      { line: 'npm test', about: 'all of it' },
      { line: 'npm run check', about: 'the checks alone' },
      { line: 'npx vitest run test/cli/config.test.ts', about: 'one file of the suites' },
    ],
  },
  bench: {
    call: 'npm run bench',
    summary: 'every measurement, one after the other, each beside its baseline; onto docs/performance.md',
    options: {
      only: { takes: 'a name', about: 'this measurement alone, which is printed and written nowhere' },
      write: { takes: 'nothing', about: 'with --only: also onto docs/performance.md' },
      seconds: { takes: 'a number', about: 'how long `ingest` sends (default 60)' },
      spans: { takes: 'a number', about: 'how many thousand spans `kafka` sends (default 400)' },
    },
    examples: [
      { line: 'npm run bench', about: 'about fifteen minutes; keep the machine quiet' },
      { line: 'npm run bench -- --only latency', about: 'one part' },
      { line: 'npm run bench -- --only ingest --seconds 20 --write', about: 'a shorter one, kept' },
    ],
  },
  faults: {
    call: 'npm run faults',
    summary: 'hurts the pipeline while it works, and counts what was lost or doubled; exit 1 when anything was',
    options: {
      only: { takes: 'a name', about: 'the fault of this name, or all whose names contain it' },
      times: {
        takes: 'a number',
        about: 'how often each (default: what its row in docs/reliability.md says; other times are not kept)',
      },
      seed: { takes: 'a number', about: 'the same faults at the same moments as in the run that printed it' },
      single: { takes: 'a name', about: '' },
    },
    examples: [
      { line: 'npm run faults', about: 'all of them: about two hours' },
      { line: 'npm run faults -- --only "torn tail" --times 2', about: 'a quick look at one' },
      { line: 'npm run faults -- --only "kill -9" --seed 1234', about: 'all kills, as in that run' },
    ],
  },
  'faults:roles': {
    call: 'npm run faults:roles',
    summary: 'kills the four roles at random over a real broker, and compares every number at the end',
    options: {
      minutes: { takes: 'a number', about: 'how long (default 5)' },
      demo: { takes: 'nothing', about: 'the four roles of `ninefold demo`, under its shop, its month and its story' },
      each: { takes: 'a number', about: 'how many sinks and computes run side by side (default 1)' },
      seed: { takes: 'a number', about: 'the same kills as in the run that printed it' },
    },
    examples: [
      { line: 'npm run faults:roles', about: 'five minutes of kills' },
      { line: 'npm run faults:roles -- --minutes 2 --each 2 --seed 7', about: 'shorter, two of each' },
      { line: 'npm run faults:roles -- --demo --minutes 5', about: 'the demo' },
    ],
  },
  'real-parts': {
    call: 'npm run real-parts',
    summary: 'gets the real programs that tests and bench use (Kafka, Prometheus, …) into .cache/real-parts',
    names: '[NAME…]',
    options: {},
    examples: [
      { line: 'npm run real-parts', about: 'all of them; npm test does so by itself' },
      { line: 'npm run real-parts -- kafka promtool', about: 'some' },
    ],
  },
} as const satisfies Readonly<Record<string, Script>>

export type ScriptName = keyof typeof scripts

type ValueOf<O> = O extends { takes: 'nothing' } ? boolean : O extends { takes: 'a number' } ? number : string
type Options<N extends ScriptName> = (typeof scripts)[N]['options']
type Values<N extends ScriptName> = { readonly [K in keyof Options<N>]?: ValueOf<Options<N>[K]> }

export interface ScriptArguments<N extends ScriptName> {
  readonly options: Values<N>
  readonly names: readonly string[]
}

/** What a script was given, or the sentence that says what is wrong with it. */
export function parseScriptArguments<N extends ScriptName>(
  name: N,
  args: readonly string[],
): (ScriptArguments<N> & { readonly help: boolean }) | { readonly problem: string } {
  const { options, names }: Script = scripts[name]
  const types = Object.entries(options).map(([key, { takes }]) => [
    key,
    { type: takes === 'nothing' ? ('boolean' as const) : ('string' as const) },
  ])
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...Object.fromEntries(types), help: { type: 'boolean' as const, short: 'h' } },
      allowPositionals: names !== undefined,
    })
    const { help, ...given }: Readonly<Record<string, unknown>> = values
    const read = Object.entries(given).map(([key, value]) => [
      key,
      options[key]?.takes === 'a number' ? numberOf(key, String(value)) : value,
    ])
    return { options: Object.fromEntries(read) as Values<N>, names: positionals, help: help === true }
  } catch (error) {
    // The sentence of `parseArgs` goes on with advice on how to write a file name that begins with a hyphen.
    return { problem: (error instanceof Error ? error.message : String(error)).split(/[.;] /)[0] ?? '' }
  }
}

function numberOf(key: string, text: string): number {
  if (/^\d{1,15}(\.\d{1,6})?$/.test(text)) return Number(text)
  throw new Error(`--${key} takes a number, not "${text}"`)
}

/** Of the running process: prints the help and ends it with 0 when asked to, or one line and ends it with 2 when something is wrong. */
export function readScriptArguments<N extends ScriptName>(name: N): ScriptArguments<N> {
  const read = parseScriptArguments(name, process.argv.slice(2))
  if ('problem' in read) return refuse(name, read.problem)
  if (!read.help) return read
  process.stdout.write(`${scriptHelp(scripts[name])}\n`)
  return process.exit(0)
}

/** One line that says what is wrong, and the end. */
export function refuse(name: ScriptName, problem: string): never {
  const { call } = scripts[name]
  process.stderr.write(`${call}: ${problem}; see ${call} -- --help\n`)
  return process.exit(2)
}

const written = { nothing: '', 'a number': ' N', 'a name': ' NAME' } as const

function scriptHelp({ call, summary, names, options, examples }: Script): string {
  const own = Object.entries(options).filter(([, { about }]) => about !== '')
  return [
    `${call}: ${summary}`,
    '',
    `Usage: ${[call, ...(names === undefined && own.length === 0 ? [] : ['--']), ...(own.length === 0 ? [] : ['[options]']), names ?? ''].join(' ').trimEnd()}`,
    '',
    'Options:',
    ...columns([
      ...own.map(([key, { takes, about }]) => [`--${key}${written[takes]}`, about] as const),
      ['--help', 'this text'],
    ]),
    '',
    'Examples:',
    ...columns(examples.map(({ line, about }) => [line, about] as const)),
  ].join('\n')
}
