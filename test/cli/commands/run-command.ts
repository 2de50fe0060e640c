import type { Command } from '../../../cli/command.ts'
import { loadConfig } from '../../../cli/config.ts'
import { readArguments } from '../../../cli/read-arguments.ts'
import { systemClock } from '../../../lib/clock.ts'

export interface CommandRun {
  readonly code: number
  /** Standard output. */
  readonly out: string
  /** Standard error. */
  readonly notes: string
}

/** A person at the terminal: what was asked, and the lines that are answered. */
export interface Person {
  readonly asked: string[]
  next(question: string): string
}

export function answering(...lines: string[]): Person {
  const left = [...lines]
  const asked: string[] = []
  return {
    asked,
    next: question => {
      asked.push(question)
      const line = left.shift()
      if (line === undefined) throw new Error(`nobody answers ${question}`)
      return line
    },
  }
}

/** Runs a command as `cli/main.ts` does, with its arguments parsed and what it prints kept; nobody is there to answer. */
export function runCommand(command: Command, ...args: string[]): Promise<CommandRun> {
  return runAnswered(command, undefined, ...args)
}

export async function runAnswered(
  command: Command,
  answers: Person | undefined,
  ...args: string[]
): Promise<CommandRun> {
  const { values, positionals } = readArguments(command, args)
  const given = Object.entries({ data: values.data, specs: values.specs })
  const sets = given.flatMap(([name, value]) => (typeof value === 'string' ? [`${name}=${value}`] : []))
  const out: string[] = []
  const notes: string[] = []
  const code = await command.run({
    positionals,
    configArguments: sets.flatMap(set => ['--set', set]),
    flags: values,
    json: values.json === true,
    terminal: {
      out: line => void out.push(line),
      outBytes: undefined,
      note: line => void notes.push(line),
      redraw: text => void notes.push(text),
      interactive: false,
      ask: answers === undefined ? undefined : async question => answers.next(question),
    },
    clock: systemClock,
    signal: new AbortController().signal,
    loadConfig: () => loadConfig({ environment: {}, sets }),
  })
  return { code, out: out.map(line => `${line}\n`).join(''), notes: notes.map(line => `${line}\n`).join('') }
}
