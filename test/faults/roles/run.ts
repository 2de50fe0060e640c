/** Kills the roles at random: `npm run faults:roles`, with options as in `npm run faults:roles -- --help`. */
import process from 'node:process'
import { createRandom } from '../../../cli/demo/random.ts'
import { roleNames } from '../../../cli/instance/role-names.ts'
import { readScriptArguments } from '../../scripts.ts'
import { killRoles } from './kill-roles.ts'
import { wrongIncidents } from './shop-of-many.ts'

const { seed = Date.now() % 1_000_000, each = 1, minutes = 5 } = readScriptArguments('faults:roles').options
process.stdout.write(`seed ${seed}, ${each} process(es) a role\n`)
// Whoever sends knows one ingest, and whoever looks knows one API.
const roles = roleNames.flatMap(role =>
  Array.from({ length: role === 'sink' || role === 'compute' ? each : 1 }, () => role),
)
const outcome = await killRoles({
  until: { seconds: minutes * 60 },
  roles,
  random: createRandom(seed).fraction,
  say: line => process.stdout.write(`${line}\n`),
})
process.stdout.write(`${JSON.stringify({ ...outcome, incidents: Object.fromEntries(outcome.incidents) }, null, 2)}\n`)
const { lost, doubled, wrongSlos, incidents, violations } = outcome
process.exit(lost + doubled + wrongSlos.length + wrongIncidents(incidents).length + violations.length === 0 ? 0 : 1)
