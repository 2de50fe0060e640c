import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../cli/config.ts'
import { removeInstanceFile, writeInstanceFile } from '../../../cli/instance/running-instance.ts'
import { specPaths } from '../../../cli/instance/spec-paths.ts'

const data = mkdtempSync(join(tmpdir(), 'ninefold-spec-paths-'))
afterAll(() => rmSync(data, { recursive: true }))
const instance = { pid: process.pid, apiUrl: 'http://127.0.0.1:1', specs: '/srv/slos' }
const loaded = (...sets: string[]) => loadConfig({ environment: {}, sets: [`data=${data}`, ...sets] })

describe('the specs that a command reads', () => {
  it('are those of the instance that runs, where nobody says which', () => {
    expect(specPaths([], loaded())).toEqual(['slo-specs/services'])
    writeInstanceFile(data, instance)
    expect(specPaths([], loaded())).toEqual(['/srv/slos'])
    removeInstanceFile(data, instance)
    expect(specPaths([], loaded())).toEqual(['slo-specs/services'])
  })

  it('are those that are named or configured, whatever runs', () => {
    writeInstanceFile(data, instance)
    expect(specPaths(['a.yaml', 'b'], loaded())).toEqual(['a.yaml', 'b'])
    expect(specPaths([], loaded('specs=mine'))).toEqual(['mine'])
  })
})
