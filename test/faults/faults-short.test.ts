import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** The fault suite as `npm run faults` runs it, a few times each; one that needs a mount is left to the long form. */

const script = fileURLToPath(new URL('./run.ts', import.meta.url))

function runFaults(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', chunk => {
      output += chunk
    })
    child.on('error', reject)
    child.on('close', code => resolve({ code, output }))
  })
}

describe('the fault suite, short', () => {
  it.each([
    ['kill -9 at random', 8],
    ['kill -9 before the answer', 1],
    ['kill -9 after-intent', 1],
    ['kill -9 after-first-insert', 1],
    ['kill -9 before-commit', 1],
    ['torn tail', 2],
    ['poison payload', 2],
    ['bit rot', 2],
    ['engine crash', 1],
    ['kafka: kill -9 sink after-insert', 1],
    ['kafka: zombie after-intent', 1],
  ])('loses nothing and doubles nothing: %s, %i times', { timeout: 300_000 }, async (name, times) => {
    const { code, output } = await runFaults('--only', name, '--times', String(times))
    expect(output).toContain(`${times} faults, 0 lost, 0 doubled`)
    expect(code, output).toBe(0)
  })
})
