/** Kills the roles at random: `node test/faults/roles/run.ts [--minutes N] [--seed N] [--each N]`. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { createRandom } from '../../../cli/demo/random.ts'
import { roleNames } from '../../../cli/instance/role-names.ts'
import { killRoles } from './kill-roles.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, each: { type: 'string' } },
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const each = Number(values.each ?? 1)
process.stdout.write(`seed ${seed}, ${each} process(es) a role\n`)
// Whoever sends knows one ingest, and whoever looks knows one API.
const roles = roleNames.flatMap(role =>
  Array.from({ length: role === 'sink' || role === 'compute' ? each : 1 }, () => role),
)
const outcome = await killRoles({
  until: { seconds: Number(values.minutes ?? 5) * 60 },
  roles,
  random: createRandom(seed).fraction,
  say: line => process.stdout.write(`${line}\n`),
})
process.stdout.write(`${JSON.stringify({ ...outcome, incidents: Object.fromEntries(outcome.incidents) }, null, 2)}\n`)
const { lost, doubled, wrongSlos, violations } = outcome
process.exit(lost + doubled + wrongSlos.length + violations.length === 0 ? 0 : 1)
