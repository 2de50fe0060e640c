import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningNinefold, removeFolder, runNinefold, startNinefold } from '../factories/ninefold.ts'

let folder: string
let instance: RunningNinefold
const where = () => ['--data', instance.data]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-at-rest-'))
  instance = await startNinefold({ data: join(folder, 'data') })
})
afterAll(async () => {
  await instance.kill('SIGKILL')
  removeFolder(folder)
})

describe('a command', () => {
  it('reads the same from a data directory at rest as from the instance that ran on it', {
    timeout: 300_000,
  }, async () => {
    const running = await runNinefold(['status', '--json', ...where()])
    expect(running.code).toBe(0)
    expect(running.err).toBe('')
    const year = String(new Date().getUTCFullYear())
    const report = async () => {
      const { code, out } = await runNinefold(['report', '--period', year, '--json', ...where()])
      expect(code).toBe(0)
      return (JSON.parse(out) as { slos: { name: string; revision: string }[] }).slos
    }
    const reported = await report()
    expect(await instance.kill('SIGTERM')).toBe(0)
    const atRest = await runNinefold(['status', '--json', ...where()])
    expect(atRest.code).toBe(0)
    expect(atRest.err).toContain('no instance runs')
    expect(await report()).toEqual(reported)
    const document = await runNinefold(['report', '--period', '2026', '--format', 'pdf', ...where()])
    expect([document.code, document.err, document.out.slice(0, 8)]).toEqual([0, '', '%PDF-1.7'])
    expect(reported.length).toBeGreaterThan(5)
    const names = (text: string) => (JSON.parse(text) as { name: string }[]).map(({ name }) => name)
    expect(names(atRest.out)).toEqual(names(running.out))
    expect(names(atRest.out).length).toBeGreaterThan(5)
    expect(await runNinefold(['dead-letters', 'list', ...where()])).toEqual({
      code: 0,
      out: 'no dead letters\n',
      err: '',
    })
  })

  it('says in one sentence that there is neither an instance nor data', async () => {
    const { code, out, err } = await runNinefold(['status', '--data', join(folder, 'nothing')])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^\S*\s*NOT_RUNNING\s+no instance runs on .*ninefold up.*\n$/)
  })
})
