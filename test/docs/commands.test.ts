import { existsSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { commands } from '../../cli/commands/index.ts'
import { loadConfig } from '../../cli/config.ts'
import { commonOptions, readArguments } from '../../cli/read-arguments.ts'
import { parseScriptArguments, type Script, type ScriptName, scripts } from '../scripts.ts'
import { pages } from './pages.ts'
import { readShell, removeShell } from './shell.ts'

/**
 * Every command line that a document or a `--help` shows is read by a shell and then by the program that it calls: its verbs, options, settings,
 * scripts and files are there. Those of the guides that end by themselves are also run, in run-commands.test.ts.
 */

const { scripts: npmScripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

/** The first words that a verb with actions takes, as its usage says: `list | show ID`, `sloth|openslo FILE…`. */
function actionsOf(usage: string): readonly string[] {
  const first = usage.split(' | ').flatMap(each => each.split(' ')[0]?.split('|') ?? [])
  return first.every(word => /^[a-z]+$/.test(word)) ? first : []
}

function checkNinefold([verb = '', ...args]: readonly string[]): void {
  if (['--help', '--version', 'help'].includes(verb)) return
  const command = commands.find(({ name }) => name === verb)
  if (command === undefined) throw new Error(`ninefold has no verb "${verb}"`)
  const { values, positionals } = readArguments(command, args)
  const actions = actionsOf(command.usage)
  if (actions.length > 0 && positionals[0] !== undefined) expect(actions).toContain(positionals[0])
  const { set, tables } = values
  const settings = (['data', 'bus', 'store', 'specs'] as const).flatMap(name =>
    typeof values[name] === 'string' ? [`${name}=${values[name]}`] : [],
  )
  const sets = [...settings, ...(typeof tables === 'string' ? [`store.tables=${tables}`] : []), ...[set ?? []].flat()]
  loadConfig({ environment: {}, sets: sets.map(String) })
}

function checkNpm([first = '', ...rest]: readonly string[]): void {
  if (first === 'ci' || first === 'install') return
  const [name = '', ...more] = first === 'run' ? rest : [first, ...rest]
  expect(Object.keys(npmScripts)).toContain(name)
  const args = more.filter(word => word !== '--')
  if (name === 'demo') checkNinefold(['demo', ...args])
  else if (name in scripts) expect(parseScriptArguments(name as ScriptName, args)).not.toHaveProperty('problem')
  else expect(args).toEqual([])
}

const checks: Readonly<Record<string, (args: readonly string[]) => void>> = {
  ninefold: checkNinefold,
  npm: checkNpm,
  node: ([file = '']) => expect(existsSync(file), file).toBe(true),
  npx: ([program, verb, file = '']) => {
    expect([program, verb]).toEqual(['vitest', 'run'])
    expect(existsSync(file), file).toBe(true)
  },
}

/** @returns how many calls were checked. */
function checkShell(text: string, where: string): number {
  const { calls, complaints } = readShell(text)
  expect(complaints, where).toBe('')
  const ours = calls.filter(([program = '']) => program in checks)
  for (const [program = '', ...args] of ours) {
    try {
      checks[program]?.(args)
    } catch (error) {
      throw new Error(`${where}: ${[program, ...args].join(' ')}`, { cause: error })
    }
  }
  return ours.length
}

/** In a sentence, what may be left out stands in brackets and what one writes oneself in capitals: a one will do. */
const filledIn = (text: string) =>
  text
    .replace(/[[\]]/g, '')
    .replace(/ [A-Z]+\b/g, ' 1')
    .replaceAll('…', '')

afterAll(removeShell)

describe('every command', () => {
  const withBlocks = pages.filter(({ blocks }) => blocks.some(({ language }) => language === 'sh'))
  it.each(withBlocks)('in the blocks of $file is read by what it calls', ({ file, blocks }) => {
    for (const { text, line } of blocks.filter(({ language }) => language === 'sh')) {
      // A block that calls nothing sets variables for programs of others, or asks something over HTTP.
      const calls = checkShell(text, `${file}:${line}`)
      if (/\bninefold \w|\bnpm /.test(text.replace(/#.*/g, ''))) expect(calls, `${file}:${line}`).toBeGreaterThan(0)
    }
  })

  const isCommand = (text: string) => /^((\.\/)?ninefold|npm|npx|node) [^<]+$/.test(text)
  const withSpans = pages.filter(({ spans }) => spans.some(({ text }) => isCommand(text)))
  it.each(withSpans)('in the sentences of $file is read by what it calls', ({ file, spans }) => {
    const lines = spans.flatMap(({ text }) => (isCommand(text) ? [filledIn(text)] : []))
    expect(checkShell(lines.join('\n'), `${file}, ${lines.join('; ')}`)).toBe(lines.length)
  })

  it('and every option in a sentence is one of a verb or a script', () => {
    const ofScripts: readonly Script[] = Object.values(scripts)
    const known = [...commands, ...ofScripts, { options: commonOptions }].flatMap(({ options }) => Object.keys(options))
    // Sloth's own.
    known.push('default-slo-period')
    const wrong = pages.flatMap(({ file, spans }) =>
      spans.flatMap(({ text, line }) => {
        const options = /^--[a-z]/.test(text) ? [...text.matchAll(/--([a-z-]+)/g)].map(match => match[1] ?? '') : []
        return options.flatMap(name => (known.includes(name) ? [] : [`${file}:${line}  --${name}`]))
      }),
    )
    expect(wrong).toEqual([])
  })

  it.each(commands)('that ninefold $name --help shows is read by the verb', ({ name, examples }) => {
    const lines = examples.map(({ line }) => `ninefold ${line}`)
    for (const { line } of examples) expect(line.split(' ')[0]).toBe(name)
    expect(checkShell(lines.join('\n'), `ninefold ${name} --help`)).toBe(lines.length)
  })
})
