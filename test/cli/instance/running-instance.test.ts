import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { findInstance, removeInstanceFile, writeInstanceFile } from '../../../cli/instance/running-instance.ts'

const data = mkdtempSync(join(tmpdir(), 'ninefold-instance-'))
afterAll(() => rmSync(data, { recursive: true }))

describe('the file of a running instance', () => {
  const instance = { pid: process.pid, apiUrl: 'http://127.0.0.1:1', specs: null }

  it('is removed by the one that wrote it', () => {
    writeInstanceFile(data, instance)
    removeInstanceFile(data, instance)
    expect(findInstance(data)).toBeUndefined()
  })

  it('is left by one whose directory another has taken over, and by one that finds none', () => {
    const other = { ...instance, pid: process.ppid, apiUrl: 'http://127.0.0.1:2' }
    writeInstanceFile(data, instance)
    writeInstanceFile(data, other)
    removeInstanceFile(data, instance)
    expect(findInstance(data)).toEqual(other)
    // In containers that share a directory both have the same number.
    removeInstanceFile(data, { ...other, apiUrl: instance.apiUrl })
    expect(findInstance(data)).toEqual(other)
    removeInstanceFile(data, other)
    removeInstanceFile(data, other)
    expect(findInstance(data)).toBeUndefined()
  })
})
