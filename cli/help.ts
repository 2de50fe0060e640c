import type { Command } from './command.ts'
import { commonOptions } from './read-arguments.ts'

const common = Object.values(commonOptions).map(({ written, about }) => [written, about] as const)

/** Rows of two columns, the first as wide as its widest cell. */
export const columns = (rows: readonly (readonly [string, string])[]) => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}

/** The page that `ninefold --help` prints. */
export function renderOverview(commands: readonly Command[]): string {
  return [
    'ninefold: SLOs and error budgets from your telemetry, for every layer of the system',
    '',
    'Usage: ninefold <verb> [options]',
    '',
    ...columns(commands.map(({ name, summary }) => [name, summary] as const)),
    '',
    'Try: ninefold demo            a small shop burns its budget before your eyes',
    '     ninefold <verb> --help   options and examples of one verb',
    '     ninefold --version       which one this is',
    '',
    'Exit codes: 0 ok, 1 findings, 2 usage or I/O error.',
  ].join('\n')
}

/** The page that `ninefold <verb> --help` prints. */
export function renderHelp(command: Command): string {
  const own = Object.entries(command.options).map(([name, option]) => {
    const short = option.short === undefined ? '' : `-${option.short}, `
    return [`${short}--${name}${option.type === 'string' ? ' VALUE' : ''}`, option.about] as const
  })
  return [
    `ninefold ${command.name}: ${command.summary}`,
    '',
    `Usage: ninefold ${command.name} ${command.usage}`.trimEnd(),
    '',
    'Options:',
    ...columns([...own, ...common]),
    '',
    'Examples:',
    ...columns(command.examples.map(({ line, about }) => [`ninefold ${line}`, about] as const)),
  ].join('\n')
}
