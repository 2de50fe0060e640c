import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import { service, sloText } from './parse.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-specs-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string) => {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}
const codes = async (paths: string[], limits = {}) =>
  (await loadSpecs(paths, { limits })).findings.map(({ code, file }) => `${code} ${file.replace(`${folder}/`, '')}`)

describe('loading specs', () => {
  it('reads .yaml and .yml below a folder, leaving other and hidden files alone, and a file that is named', async () => {
    write('a/service.yml', service)
    write('a/b/slo.yaml', sloText())
    write('a/notes.txt', ': broken [')
    write('.git/x.yaml', ': broken [')
    write('node_modules/x/x.yaml', ': broken [')
    const { specs, findings } = await loadSpecs([folder])
    expect(findings).toEqual([])
    expect(specs?.slos.map(({ name }) => name)).toEqual(['checkout'])
    expect((await loadSpecs([write('spec.txt', service)])).specs?.services).toHaveLength(1)
  })

  it('reads a file once, however many ways lead to it', async () => {
    const path = write('a/service.yaml', service)
    symlinkSync(path, join(folder, 'again.yaml'))
    symlinkSync(join(folder, 'a'), join(folder, 'b'))
    const { findings, specs } = await loadSpecs([folder, path, folder])
    expect(findings).toEqual([])
    expect(specs?.services).toHaveLength(1)
  })

  it('reports a folder link that leads back, what is no file, and what is not there, and reads the rest', async () => {
    write('a/service.yaml', service)
    symlinkSync('..', join(folder, 'a', 'up'))
    expect(await codes([folder])).toEqual(['SPEC_SYMLINK_LOOP a/up'])
    expect(await codes([join(folder, 'gone')])).toEqual(['SPEC_FILE_UNREADABLE gone'])
    expect(await codes(['/dev/null'])).toEqual(['SPEC_FILE_UNREADABLE /dev/null'])
  })

  it('warns of a folder without specs and yields an empty set', async () => {
    const { specs, findings } = await loadSpecs([folder])
    expect(findings.map(({ code }) => code)).toEqual(['SPEC_NO_DEFINITIONS'])
    expect(specs).toMatchObject({ slos: [], services: [] })
  })

  it('stops at its limits of bytes, files and folders', async () => {
    for (const name of ['1', '2', '3']) write(`${name}.yaml`, service.replace('shop', `shop-${name}`))
    expect(await codes([folder], { maxFiles: 2 })).toEqual(['SPEC_TOO_LARGE 3.yaml'])
    expect(await codes([folder], { maxTotalBytes: 200 })).toEqual(['SPEC_TOO_LARGE 3.yaml'])
    write('a/b/c/d.yaml', service)
    expect(await codes([folder], { maxFolderDepth: 1 })).toEqual(['SPEC_TOO_LARGE a/b'])
  })
})

describe('the specs of the demo', () => {
  it('have no findings, eleven SLOs over four services and somebody to page', async () => {
    const { specs, findings } = await loadSpecs(['slo-specs/services'])
    expect(findings).toEqual([])
    expect(specs?.slos.map(({ name }) => name)).toEqual([
      'cart-availability',
      'cart-latency',
      'checkout-availability',
      'checkout-latency',
      'checkout-log-errors',
      'payments-availability',
      'payments-database',
      'payments-latency',
      'storefront-availability',
      'storefront-latency',
      'storefront-orders',
    ])
    expect(specs?.ratios.map(({ name }) => name)).toEqual(['orders-paid', 'requests-per-order'])
    expect(specs?.services.map(({ name }) => name)).toEqual(['cart', 'checkout', 'payments', 'storefront'])
    expect(specs?.slos.every(({ alerts }) => alerts.every(({ targets }) => targets.includes('pagerduty')))).toBe(true)
    expect(specs?.slos.find(({ name }) => name === 'checkout-availability')).toMatchObject({
      objectiveText: '0.999',
      window: { text: '30d' },
    })
  })
})
