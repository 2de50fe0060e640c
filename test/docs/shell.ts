import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** Programs that documents call; each is stood in for by one that notes its arguments. */
const programs = [
  ...['ninefold', 'npm', 'npx', 'node', 'mkdir', 'cp', 'sed', 'date', 'curl', 'docker', 'git', 'vitest'],
  ...['promtool', 'amtool', 'kafka-topics', 'kafka-consumer-groups.sh'],
]

const folder = mkdtempSync(join(tmpdir(), 'ninefold-shell-'))
const notes = join(folder, 'notes')
const bin = join(folder, 'bin')
for (const each of ['bin', 'slos', 'deploy']) mkdirSync(join(folder, each))
for (const file of [...programs.map(name => join(bin, name)), join(folder, 'ninefold')])
  writeFileSync(file, `#!/bin/sh\nprintf '%s\\0' "$0" "$@" '' >> '${notes}'\nprintf '\\n' >> '${notes}'\n`, {
    mode: 0o755,
  })

/** To be called when all is read. */
export const removeShell = () => rmSync(folder, { recursive: true, force: true })

/** What a POSIX shell would run of a text, each as program and arguments; and what it says of the text. */
export function readShell(text: string): {
  readonly calls: readonly (readonly string[])[]
  readonly complaints: string
} {
  writeFileSync(notes, '')
  const { stderr } = spawnSync('/bin/sh', ['-c', text], { cwd: folder, env: { PATH: bin }, encoding: 'utf8' })
  const calls = readFileSync(notes, 'utf8')
    .split('\0\0\n')
    .filter(call => call !== '')
    .map(call => call.split('\0').map((word, index) => (index === 0 ? basename(word) : word)))
  return { calls, complaints: stderr }
}
