import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const formatter = fileURLToPath(new URL('node_modules/@biomejs/biome/bin/biome', root))

/**
 * Writes JSON the way the checks of this repository want it: which arrays stand on one line depends on how long they are. Without the
 * formatter it is written all the same, since what was measured is worth more than its lines.
 */
export function writeResults(file: URL, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [formatter, 'format', '--stdin-file-path=results.json'],
    { input: text, encoding: 'utf8', cwd: root },
  )
  if (status !== 0) process.stderr.write(`${file.pathname} is not formatted: ${stderr}\n`)
  writeFileSync(file, status === 0 ? stdout : text)
}
