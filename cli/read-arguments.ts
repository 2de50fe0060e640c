import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { NinefoldError } from '../lib/errors.ts'
import { suggestion } from '../slo-specs/schema/nearest-name.ts'
import type { Command } from './command.ts'

/** What every verb takes; `written` is how --help shows it. */
export const commonOptions = {
  config: {
    type: 'string',
    written: '--config FILE',
    about: 'YAML configuration; the environment and --set are stronger',
  },
  set: { type: 'string', multiple: true, written: '--set path=value', about: 'one configuration value, repeatable' },
  data: {
    type: 'string',
    written: '--data DIR',
    about: 'directory of the embedded bus and store (default .ninefold)',
  },
  specs: {
    type: 'string',
    written: '--specs DIR',
    about: 'directory of the SLO specs (default slo-specs/services)',
  },
  json: { type: 'boolean', written: '--json', about: 'the result as JSON on standard output' },
  help: { type: 'boolean', short: 'h', written: '--help', about: 'this text' },
} as const

export interface ReadArguments {
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  readonly positionals: readonly string[]
}

/** What follows the verb. @throws USAGE for an option that the verb has not, one without its value, and a word too many. */
export function readArguments(command: Command, args: readonly string[]): ReadArguments {
  const options: ParseArgsOptionsConfig = { ...command.options, ...commonOptions }
  const parsed = parse(command, options, args)
  const extra = parsed.values.help === true ? undefined : parsed.positionals[command.maxPositionals ?? Infinity]
  if (extra !== undefined) throw usage(command, `it does not take "${extra}"`)
  return parsed
}

function parse(command: Command, options: ParseArgsOptionsConfig, args: readonly string[]): ReadArguments {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    return { values: values as ReadArguments['values'], positionals }
  } catch (error) {
    // After its first sentence the message of `parseArgs` tells how to write a file name that begins with a hyphen.
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split(/[.\n] ?/)
    const unknown = /^Unknown option '(--[^']+)'/.exec(message)?.[1]
    throw usage(
      command,
      `${message}${
        unknown === undefined
          ? ''
          : suggestion(
              unknown,
              Object.keys(options).map(name => `--${name}`),
            )
      }`,
      error,
    )
  }
}

const usage = ({ name }: Command, message: string, cause?: unknown) =>
  new NinefoldError('USAGE', `ninefold ${name}: ${message}`, cause === undefined ? {} : { cause })
