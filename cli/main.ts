import process from 'node:process'
import { systemClock } from '../lib/clock.ts'
import { asNinefoldError, NinefoldError } from '../lib/errors.ts'
import { suggestion } from '../slo-specs/schema/nearest-name.ts'
import { createAsker } from './ask.ts'
import type { CommandContext, ExitCode, Terminal } from './command.ts'
import { commands } from './commands/index.ts'
import { loadConfig } from './config.ts'
import { renderHelp, renderOverview } from './help.ts'
import { packageVersion } from './package-version.ts'
import { type ReadArguments, readArguments } from './read-arguments.ts'

const terminal: Terminal = {
  out: line => void process.stdout.write(`${line}\n`),
  outBytes: process.stdout.isTTY === true ? undefined : bytes => void process.stdout.write(bytes),
  note: line => void process.stderr.write(`${line}\n`),
  redraw: text => void process.stderr.write(`\r\u001b[2K${text}`),
  interactive: process.stderr.isTTY === true,
  ask: process.stdin.isTTY === true ? createAsker() : undefined,
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  const [verb, ...rest] = argv
  if (verb === 'help' && rest.length > 0) return main([...rest, '--help'])
  if (verb === '--version') {
    terminal.out(packageVersion())
    return 0
  }
  if (verb === undefined || verb === '--help' || verb === '-h' || verb === 'help') {
    terminal.out(renderOverview(commands))
    return verb === undefined ? 2 : 0
  }
  const command = commands.find(({ name }) => name === verb)
  if (command === undefined) {
    const names = commands.map(({ name }) => name)
    throw new NinefoldError(
      'USAGE',
      `ninefold has no verb "${verb}"${suggestion(verb, names)}; ninefold --help lists all`,
    )
  }
  const { values, positionals } = readArguments(command, rest)
  if (values.help === true) {
    terminal.out(renderHelp(command))
    return 0
  }
  const controller = new AbortController()
  const stop = (signal: NodeJS.Signals) => {
    // The second signal means "now": a person who presses Ctrl-C twice has decided. Leaving by exit would crash in an engine that still
    // works; whatever ends the process, what was acknowledged is on disk.
    if (controller.signal.aborted) process.kill(process.pid, 'SIGKILL')
    controller.abort(new NinefoldError('INTERRUPTED', `asked to stop by ${signal}`))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return command.run(contextOf(values, positionals, controller.signal))
}

function contextOf(
  values: ReadArguments['values'],
  positionals: readonly string[],
  signal: AbortSignal,
): CommandContext {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  const sets = [
    ...(['data', 'bus', 'store', 'specs'] as const).flatMap(name =>
      text(values[name]) === undefined ? [] : [`${name}=${text(values[name])}`],
    ),
    ...(text(values.tables) === undefined ? [] : [`store.tables=${text(values.tables)}`]),
    ...(Array.isArray(values.set) ? values.set.map(String) : []),
  ]
  const file = text(values.config)
  return {
    positionals,
    flags: values,
    json: values.json === true,
    terminal,
    clock: systemClock,
    signal,
    configArguments: [...(file === undefined ? [] : ['--config', file]), ...sets.flatMap(set => ['--set', set])],
    loadConfig: () => loadConfig({ file, environment: process.env, sets }),
  }
}

/** Problems print as one line each, `CODE  message — remedy`; findings already carry their own lines. */
function report(error: unknown): ExitCode {
  const known = asNinefoldError(error)
  if ('findings' in known.details) terminal.note(known.message)
  else terminal.note(`${known.code}  ${known.message} — ${known.remedy}`)
  if (known.code === 'INTERNAL' && error instanceof Error) terminal.note(error.stack ?? '')
  return 2
}

main(process.argv.slice(2))
  .catch(report)
  .then(code => {
    process.exitCode = code
    // Embedded engine threads outlive the event loop; a command that returned has closed what it opened.
    process.exit()
  })
