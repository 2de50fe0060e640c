import type { RoleName } from '../../../cli/instance/role-names.ts'
import { type FaultResult, seededRandom } from '../run-fault.ts'
import { killRoles } from './kill-roles.ts'
import { wrongIncidents } from './shop-of-many.ts'

/** `ninefold run` processes of every role, of which one role is killed again and again. */
export interface RoleFault {
  readonly name: string
  readonly victim: RoleName
  readonly times: number
}

export const roleFaults: readonly RoleFault[] = [
  { name: 'kafka: kill -9 compute', victim: 'compute', times: 20 },
  { name: 'kafka: kill -9 api', victim: 'api', times: 20 },
]

/** What is wrong besides rows, an SLO or an incident each, is in `viewOff`. */
export async function runRoleFault(
  { name, victim }: RoleFault,
  times: number,
  seed: number,
  onProgress: (done: number) => void,
): Promise<FaultResult> {
  let done = 0
  const outcome = await killRoles({
    until: { kills: times },
    roles: ['ingest', 'sink', 'compute', 'compute', 'api'],
    victims: [victim],
    random: seededRandom(seed),
    say: () => onProgress(++done),
  })
  const { acknowledged, lost, doubled, wrongSlos, violations, incidents, recoverySeconds } = outcome
  const recoveryMs = Math.round(recoverySeconds * 1000)
  return {
    fault: name,
    times,
    acknowledged,
    inStore: acknowledged - lost,
    lost,
    doubled,
    refusedYetStored: 0,
    viewOff: wrongSlos.length + wrongIncidents(incidents).length + violations.length,
    spoilt: 0,
    toldOf: 0,
    recoveryMs: { median: recoveryMs, longest: recoveryMs },
  }
}
