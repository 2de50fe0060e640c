import { mkdirSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, type RunningNinefold, removeFolder, runNinefold, startNinefold } from '../factories/ninefold.ts'
import { service, sloText } from '../slo-specs/parse.ts'

let folder: string
let watched: string
let other: string
let instance: RunningNinefold
const options = () => ({ data: join(folder, 'data'), specs: watched })
const where = () => ['--data', join(folder, 'data'), '--specs', watched]
const objective = async () =>
  ((await instance.get('/api/v1/slos/checkout')) as { objectiveText?: string }).objectiveText
const write = (path: string, target: string) => writeFileSync(path, sloText({ objective: `{target: ${target}}` }))
interface Listed {
  readonly current: string
  readonly revisions: readonly { readonly revision: string; readonly source: string; readonly author: string }[]
}
const list = async () => JSON.parse((await runNinefold(['revisions', 'list', '--json', ...where()])).out) as Listed

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-apply-'))
  watched = join(folder, 'watched')
  other = join(folder, 'other')
  for (const path of [watched, other]) {
    mkdirSync(path)
    writeFileSync(join(path, 'service.yaml'), service)
  }
  write(join(watched, 'slo.yaml'), '0.9')
  write(join(other, 'slo.yaml'), '0.99')
  instance = await startNinefold(options())
})
afterAll(async () => {
  await instance.kill('SIGKILL')
  removeFolder(folder)
})

describe('specs that are applied', () => {
  it('come into force, survive a kill, and are not undone by a folder that says what it said before', async () => {
    expect(await eventually(objective, value => value !== undefined)).toBe('0.9')
    const applied = await runNinefold(['apply', other, '--author', 'ann', '-m', 'stricter', '--wait', ...where()])
    expect(applied).toMatchObject({ code: 0, err: expect.stringContaining('the history is complete') })
    expect(applied.out).toMatch(/^revision [0-9a-f]{16} is in force\n$/)
    expect(await objective()).toBe('0.99')
    await instance.kill('SIGKILL')
    instance = await startNinefold(options())
    expect(await eventually(objective, value => value !== undefined)).toBe('0.99')
    utimesSync(join(watched, 'slo.yaml'), new Date(), new Date(Date.now() - 1_000_000))
    expect((await runNinefold(['apply', other, ...where()])).out).toContain('is in force already')
    const { current, revisions } = await list()
    expect(revisions.map(({ source, author }) => [source, author])).toEqual([
      ['apply', 'ann'],
      ['directory', ''],
    ])
    expect(current).toBe(revisions[0]?.revision)
  })

  it('give way to a later edit of the folder, and come back by a rollback', async () => {
    const { current } = await list()
    write(join(watched, 'slo.yaml'), '0.95')
    expect(await eventually(objective, value => value !== '0.99')).toBe('0.95')
    const diff = await runNinefold(['revisions', 'diff', current.slice(0, 8), ...where()])
    expect(diff).toMatchObject({ code: 0, out: '~ checkout (changed)\n    objective\n      - 0.99\n      + 0.95\n' })
    const back = await runNinefold(['revisions', 'rollback', current.slice(0, 8), '-m', 'calmer', ...where()])
    expect(back).toMatchObject({ code: 0, out: `revision ${current} is in force again\n` })
    expect(await objective()).toBe('0.99')
  })

  it('of a broken edit leave the last good ones in force; log, API and metric say so until it is mended', async () => {
    const before = await objective()
    const good = readFileSync(join(watched, 'slo.yaml'), 'utf8')
    writeFileSync(join(watched, 'slo.yaml'), good.replace('budgetingMethod', 'budgetingMetod'))
    const errors = async () => {
      const scrape = await (await fetch(instance.metrics)).text()
      return /^ninefold_spec_findings\{severity="error"\} (\d+)/m.exec(scrape)?.[1]
    }
    expect(Number(await eventually(errors, value => value !== '0' && value !== undefined))).toBeGreaterThan(0)
    const { specs } = (await instance.get('/api/v1/pipeline')) as { specs: { findings: readonly { code: string }[] } }
    expect(specs.findings.map(({ code }) => code)).toContain('SPEC_UNKNOWN_FIELD')
    await eventually(
      async () => instance.log(),
      text => text.includes('the last good revision keeps serving'),
    )
    expect(await objective()).toBe(before)
    writeFileSync(join(watched, 'slo.yaml'), good)
    expect(await eventually(errors, value => value === '0')).toBe('0')
  })

  it('are refused when they were made for another revision, or would remove what nobody said may go', async () => {
    const conflict = await runNinefold(['apply', watched, '--expect', '0000', ...where()])
    expect(conflict.code).toBe(2)
    expect(conflict.err).toMatch(/^SPECS_CONFLICT {2}revision [0-9a-f]+ came into force meanwhile/)
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    writeFileSync(join(empty, 'service.yaml'), service)
    const refused = await runNinefold(['apply', empty, ...where()])
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('checkout would be removed') })
    const unasked = await runNinefold(['apply', empty, '--prune', ...where()])
    expect(unasked).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') })
    expect(await runNinefold(['apply', empty, '--prune', '--yes', ...where()])).toMatchObject({ code: 0 })
    expect(await objective()).toBeUndefined()
  })

  it('are listed and shown by a data directory at rest as well', async () => {
    const running = await list()
    await instance.kill('SIGTERM')
    expect(await list()).toEqual(running)
    const oldest = running.revisions.at(-1)?.revision ?? ''
    const { code, out } = await runNinefold(['revisions', 'show', oldest.slice(0, 8), ...where()])
    expect(code).toBe(0)
    expect(out).toContain('# slo.yaml')
    expect(out).toContain('target: 0.9}')
    expect(await runNinefold(['revisions', 'show', 'ffff', ...where()])).toMatchObject({ code: 2 })
    expect(await runNinefold(['revisions', 'undo', ...where()])).toMatchObject({ code: 2 })
  })
})
