import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeFolder } from './factories/ninefold.ts'
import { writeResults } from './write-results.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-results-'))
})
afterAll(() => removeFolder(folder))

it.each(['bench', 'faults'])('results of %s are written as the checks want them', suite => {
  const committed = readFileSync(new URL(`./${suite}/results.json`, import.meta.url), 'utf8')
  const file = pathToFileURL(join(folder, `${suite}.json`))
  writeResults(file, JSON.parse(committed))
  expect(readFileSync(file, 'utf8')).toBe(committed)
})
