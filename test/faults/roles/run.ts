/** Kills the roles at random: `npm run faults:roles`, with options as in `npm run faults:roles -- --help`. */
import process from 'node:process'
import { createRandom } from '../../../cli/demo/random.ts'
import { roleNames } from '../../../cli/instance/role-names.ts'
import { readScriptArguments, refuse } from '../../scripts.ts'
import { killDemo } from '../demo/kill-demo.ts'
import { killRoles } from './kill-roles.ts'
import { wrongIncidents } from './shop-of-many.ts'

const { demo, each, seed = Date.now() % 1_000_000, minutes = 5 } = readScriptArguments('faults:roles').options
if (demo === true && each !== undefined) refuse('faults:roles', 'the demo has one process a role: leave out --each')
const until = { seconds: minutes * 60 }
const random = createRandom(seed).fraction
const say = (line: string) => void process.stdout.write(`${line}\n`)

async function ofRoles(): Promise<boolean> {
  const count = each ?? 1
  say(`seed ${seed}, ${count} process(es) a role`)
  // Whoever sends knows one ingest, and whoever looks knows one API.
  const roles = roleNames.flatMap(role =>
    Array.from({ length: role === 'sink' || role === 'compute' ? count : 1 }, () => role),
  )
  const outcome = await killRoles({ until, roles, random, say })
  say(JSON.stringify({ ...outcome, incidents: Object.fromEntries(outcome.incidents) }, null, 2))
  const { lost, doubled, wrongSlos, incidents, violations } = outcome
  return lost + doubled + wrongSlos.length + wrongIncidents(incidents).length + violations.length === 0
}

async function ofDemo(): Promise<boolean> {
  say(`seed ${seed}, ninefold demo`)
  const outcome = await killDemo({ until, past: 'a month', random, say })
  say(JSON.stringify(outcome, null, 2))
  return outcome.wrong.length === 0
}

process.exit((await (demo === true ? ofDemo() : ofRoles())) ? 0 : 1)
