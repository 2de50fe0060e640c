import type { Command } from '../command.ts'
import { applyCommand } from './apply.ts'
import { backtestCommand } from './backtest.ts'
import { configCommand } from './config.ts'
import { deadLettersCommand } from './dead-letters.ts'
import { demoCommand } from './demo.ts'
import { explainCommand } from './explain.ts'
import { exportCommand } from './export.ts'
import { fmtCommand } from './fmt.ts'
import { gateCommand } from './gate.ts'
import { generateCommand } from './generate.ts'
import { importCommand } from './import.ts'
import { migrateCommand } from './migrate.ts'
import { newCommand } from './new.ts'
import { planCommand } from './plan.ts'
import { ratiosCommand } from './ratios.ts'
import { reportCommand } from './report.ts'
import { revisionsCommand } from './revisions.ts'
import { runCommand } from './run.ts'
import { statusCommand } from './status.ts'
import { upCommand } from './up.ts'
import { validateCommand } from './validate.ts'

/** Every verb, in the order in which `ninefold --help` lists them. */
export const commands: readonly Command[] = [
  upCommand,
  runCommand,
  demoCommand,
  statusCommand,
  ratiosCommand,
  reportCommand,
  gateCommand,
  newCommand,
  validateCommand,
  fmtCommand,
  explainCommand,
  planCommand,
  backtestCommand,
  applyCommand,
  revisionsCommand,
  importCommand,
  exportCommand,
  generateCommand,
  deadLettersCommand,
  migrateCommand,
  configCommand,
]
