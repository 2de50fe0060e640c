import type { Command } from '../command.ts'
import { configCommand } from './config.ts'

/** Every verb, in the order in which `ninefold --help` lists them. */
export const commands: readonly Command[] = [configCommand]
