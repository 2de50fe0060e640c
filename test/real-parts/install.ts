/**
 * Real programs for tests and bench, kept under `.cache/real-parts/`: `npm run real-parts [-- NAME…]` gets them all or some;
 * `realPart(name)` gives a test the path of one, getting it first when it is missing. A part that cannot be had is a failure.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { readScriptArguments, refuse } from '../scripts.ts'
import { type PartName, parts } from './parts.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const cache = fileURLToPath(new URL('../../.cache/real-parts/', import.meta.url))

const isPartName = (name: string): name is PartName => name in parts

/** The path of the part's program. @throws a sentence with the end of what the installation said. */
export async function realPart(name: PartName): Promise<string> {
  const { version, binary, get } = parts[name]
  const folder = join(cache, name, version)
  const path = join(folder, binary)
  if (existsSync(path)) return path
  mkdirSync(join(cache, name), { recursive: true })
  const target = mkdtempSync(join(cache, name, 'getting-'))
  const work = mkdtempSync(join(cache, name, 'work-'))
  try {
    await runShell(get, work, { TARGET: target, HERE: here })
    rmSync(folder, { recursive: true, force: true })
    // Whole or not at all, also when two tests ask at once.
    renameSync(target, folder)
    return path
  } catch (error) {
    if (existsSync(path)) return path
    throw new Error(`${name} ${version} could not be had: ${error instanceof Error ? error.message : error}`)
  } finally {
    rmSync(target, { recursive: true, force: true })
    rmSync(work, { recursive: true, force: true })
  }
}

function runShell(script: string, cwd: string, variables: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-ec', script], {
      cwd,
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const keep = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-1500)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', code => (code === 0 ? resolve() : reject(new Error(said.trim()))))
  })
}

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find(name => !isPartName(name))
  if (unknown !== undefined)
    refuse('real-parts', `no part is called "${unknown}"; there are ${Object.keys(parts).join(', ')}`)
  for (const name of names.length > 0 ? names.filter(isPartName) : (Object.keys(parts) as PartName[])) {
    const started = performance.now()
    const line = await realPart(name).catch((error: Error) => {
      process.exitCode = 1
      return error.message
    })
    process.stdout.write(`${name}  ${line}  (${((performance.now() - started) / 1000).toFixed(0)} s)\n`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(readScriptArguments('real-parts').names)
