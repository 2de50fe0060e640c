import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createRandom } from '../../../cli/demo/random.ts'
import { removeFolder, runNinefold } from '../../factories/ninefold.ts'
import { killDemo } from '../../faults/demo/kill-demo.ts'

/** `ninefold demo --bus … --store …`; for minutes rather than once each: `npm run faults:roles -- --demo`. */

const folder = mkdtempSync(join(tmpdir(), 'ninefold-demo-over-kafka-'))
afterAll(() => removeFolder(folder))

it('starts a role that was killed again, where the others know it, and no number changes', async () => {
  const seed = Date.now() % 1_000_000
  const outcome = await killDemo({ until: 'each once', past: 'an hour', random: createRandom(seed).fraction })
  expect(outcome.wrong, `seed ${seed}`).toEqual([])
  expect(outcome).toMatchObject({
    kills: { ingest: 1, sink: 1, compute: 1, api: 1 },
    lost: { spans: 0, logs: 0 },
    doubled: { spans: 0, logs: 0 },
  })
  expect(outcome.acknowledged.spans).toBeGreaterThan(100)
  expect(outcome.past.spans).toBeGreaterThan(1000)
}, 400_000)

it('wants a store that four processes can share, and forgets no data that is not its own', async () => {
  const demo = (...args: string[]) =>
    runNinefold(['demo', '--data', join(folder, 'other'), '--bus', 'kafka:9092', ...args])
  expect(await demo()).toMatchObject({ code: 2, err: expect.stringContaining('cannot share an embedded store') })
  expect(await demo('--fresh')).toMatchObject({ code: 2, err: expect.stringMatching(/^USAGE {2}--fresh/) })
})
