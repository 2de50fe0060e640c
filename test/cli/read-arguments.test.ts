import { describe, expect, it } from 'vitest'
import { commands } from '../../cli/commands/index.ts'
import { readArguments } from '../../cli/read-arguments.ts'
import { runNinefold } from '../factories/ninefold.ts'

const read = (line: string) => {
  const [verb, ...args] = line.split(' ')
  const command = commands.find(({ name }) => name === verb)
  if (command === undefined) throw new Error(`there is no verb ${verb}`)
  return readArguments(command, args)
}

describe('the arguments of a verb', () => {
  it.each([
    ['up my-slos', 'ninefold up: it does not take "my-slos"'],
    ['report 2026-11', 'ninefold report: it does not take "2026-11"'],
    ['status checkout-availability cart-availability', 'ninefold status: it does not take "cart-availability"'],
    ['generate prometheus rules', 'ninefold generate: it does not take "rules"'],
    ['run ingest sink', 'ninefold run: it does not take "sink"'],
    ['status --jsno', "ninefold status: Unknown option '--jsno' (did you mean --json?)"],
    ['plan slos --output x', "ninefold plan: Unknown option '--output'"],
    ['new slo --out', "ninefold new: Option '--out <value>' argument missing"],
  ])('are not passed over in silence: %s', (line, message) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: 'USAGE', message }))
  })

  it.each(commands)('are counted where $name does not take any number of words', ({ usage, maxPositionals }) => {
    expect(usage.includes('…')).toBe(maxPositionals === undefined)
  })

  it('do not matter where somebody asks for help', () => {
    expect(read('up my-slos --help').values.help).toBe(true)
  })

  it('of verbs with actions are as many as the action takes', async () => {
    const at = ['--data', 'nowhere']
    for (const [args, told] of [
      [['revisions', 'list', 'all'], 'USAGE  revisions list does not take "all"'],
      [['revisions', 'show'], 'USAGE  revisions show takes a revision'],
      [['dead-letters', 'list', 'all'], 'USAGE  dead-letters takes list, show ID or replay ID'],
      [['generate', 'constructor'], 'USAGE  generate takes one of dashboards, prometheus'],
      [['plan', '--format', 'constructor'], 'USAGE  --format is one of text, markdown'],
      [['statu'], 'USAGE  ninefold has no verb "statu" (did you mean status?)'],
    ] as const) {
      const { code, out, err } = await runNinefold([...args, ...at])
      expect({ code, out, err }).toEqual({ code: 2, out: '', err: expect.stringContaining(told) })
    }
  })
})
