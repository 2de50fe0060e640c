import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'

const lock = z
  .object({
    packages: z.record(z.string(), z.object({ optionalDependencies: z.record(z.string(), z.string()).optional() })),
  })
  .parse(JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')))

// `npm ci` refuses a lock that leaves out another platform's optional package, and `npm install` on one platform may leave it out.
test('the lock lists the optional packages of every platform', () => {
  const missing = Object.entries(lock.packages).flatMap(([folder, locked]) =>
    Object.keys(locked.optionalDependencies ?? {}).filter(
      name => !(`node_modules/${name}` in lock.packages) && !(`${folder}/node_modules/${name}` in lock.packages),
    ),
  )
  expect(missing).toEqual([])
})
