import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { parseScriptArguments, type Script, type ScriptName, scripts } from './scripts.ts'

/** What the npm scripts that people run say of themselves. `npm run demo` is `ninefold demo`, whose help is among the goldens of the CLI. */

const { scripts: inPackage } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
const names = Object.keys(scripts) as ScriptName[]

/** As npm runs it: by the command of package.json. */
function run(name: ScriptName, args: readonly string[]) {
  const [program = '', ...first] = inPackage[name]?.split(' ') ?? []
  expect(program).toBe('node')
  const { status, stdout, stderr } = spawnSync(process.execPath, [...first, ...args], { encoding: 'utf8' })
  return { status, out: stdout, err: stderr }
}

describe.each(names)('npm run %s', name => {
  it('has a help with examples that it takes', () => {
    const { status, out, err } = run(name, ['--help'])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    const { call, examples }: Script = scripts[name]
    const own = examples.map(({ line }) => line).filter(line => line.startsWith(call))
    expect(own).not.toEqual([])
    for (const line of own) {
      expect(out).toContain(line)
      const [, ...words] = line.slice(call.length).match(/"[^"]*"|\S+/g) ?? []
      expect(
        parseScriptArguments(
          name,
          words.map(word => word.replaceAll('"', '')),
        ),
        line,
      ).not.toHaveProperty('problem')
    }
  })

  it('answers an option that it does not know with one line and exit 2', () => {
    const { status, out, err } = run(name, ['--nonsense'])
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toBe(`${scripts[name].call}: Unknown option '--nonsense'; see ${scripts[name].call} -- --help\n`)
  })
})

describe('a value that is none', () => {
  it.each([
    ['faults', ['--times', 'many'], '--times takes a number, not "many"'],
    ['faults', ['--only', 'sunshine'], 'no fault\'s name contains "sunshine"; there are kill -9 at random, '],
    ['bench', ['--only', 'sunshine'], 'no measurement is called "sunshine"; there are gateway-walk, '],
    ['real-parts', ['sunshine'], 'no part is called "sunshine"; there are promtool, '],
    ['faults:roles', ['sunshine'], "Unexpected argument 'sunshine'"],
    ['faults:roles', ['--demo', '--each', '2'], 'the demo has one process a role'],
  ] as const)('is told by %s %j', (name, args, sentence) => {
    const { status, out, err } = run(name, args)
    expect({ status, out, lines: err.trimEnd().split('\n').length }).toEqual({ status: 2, out: '', lines: 1 })
    expect(err).toContain(`${scripts[name].call}: ${sentence}`)
  })
})
