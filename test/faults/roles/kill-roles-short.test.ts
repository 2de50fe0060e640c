import { expect, test } from 'vitest'
import { createRandom } from '../../../cli/demo/random.ts'
import { roleNames } from '../../../cli/instance/role-names.ts'
import { killRoles } from './kill-roles.ts'
import { burning } from './shop-of-many.ts'

const seconds = 12

/** The long form: `npm run faults:roles -- --minutes 5`. */
test('roles in processes of their own that are killed at random lose nothing, double nothing and page once', async () => {
  const seed = Date.now() % 1_000_000
  const outcome = await killRoles({ until: { seconds }, roles: roleNames, random: createRandom(seed).fraction })
  const { acknowledged, kills, lost, doubled, wrongSlos, incidents, violations } = outcome
  expect(Object.values(kills).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(1)
  expect(acknowledged).toBeGreaterThan(0)
  expect({ lost, doubled, wrongSlos, violations }, `seed ${seed}`).toEqual({
    lost: 0,
    doubled: 0,
    wrongSlos: [],
    violations: [],
  })
  expect(incidents, `seed ${seed}`).toEqual(new Map([...burning].map(slo => [slo, 1])))
}, 400_000)
