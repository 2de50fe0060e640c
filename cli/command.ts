import type { ParseArgsOptionsConfig } from 'node:util'
import type { Clock } from '../lib/clock.ts'
import type { LoadedConfig } from './config.ts'

/** 0 ok, 1 findings, 2 usage or I/O error: the same for every verb. */
export type ExitCode = 0 | 1 | 2

export interface Terminal {
  /** Standard output: the command's result. */
  out(line: string): void
  /** Standard output for what is no text; undefined where a person would see it. */
  readonly outBytes: ((bytes: Uint8Array) => void) | undefined
  /** Standard error: progress and problems. */
  note(line: string): void
  /** Replaces what the last redraw wrote on standard error; use only when `interactive`. */
  redraw(text: string): void
  /** Whether a person is likely looking (colours, redrawing). */
  readonly interactive: boolean
  /** Asks a person for a line; undefined where nobody can answer. */
  readonly ask: ((question: string) => Promise<string>) | undefined
}

export interface CommandContext {
  readonly positionals: readonly string[]
  /** Values of the command's own options, as `util.parseArgs` gives them. */
  readonly flags: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  readonly json: boolean
  readonly terminal: Terminal
  readonly clock: Clock
  /** Aborted on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** The arguments that the configuration comes from, for processes that are to have the same. */
  readonly configArguments: readonly string[]
  /** Reads the configuration once; throws CONFIG_INVALID with all problems. */
  loadConfig(): LoadedConfig
}

export type CommandOption = ParseArgsOptionsConfig[string] & { readonly about: string }

export interface Command {
  readonly name: string
  /** One line for the list of verbs. */
  readonly summary: string
  /** What follows the verb, e.g. `[PATH…]`. */
  readonly usage: string
  /** How many words it takes at most beside options; any number when left out. */
  readonly maxPositionals?: number
  /** Own options beside the common ones (--config, --set, --data, --specs, --json, --help); `about` per option for --help. */
  readonly options: Readonly<Record<string, CommandOption>>
  readonly examples: readonly { readonly line: string; readonly about: string }[]
  run(context: CommandContext): Promise<ExitCode>
}
