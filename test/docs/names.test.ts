import { existsSync, globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../cli/config.ts'
import { configNames, environmentName } from '../../cli/config-keys.ts'
import { errorRegistry } from '../../lib/errors.ts'
import { findingRegistry } from '../../slo-specs/schema/finding-codes.ts'
import { removeFolder } from '../factories/ninefold.ts'
import { type Page, pages } from './pages.ts'

/** What documents call by name is there under that name: settings, variables, codes, metrics, paths of the API, files. */

const folder = mkdtempSync(join(tmpdir(), 'ninefold-docs-'))
afterAll(() => removeFolder(folder))

const product = globSync('{lib,slo-specs,ingest,store,compute,api,dashboards,cli}/**/*.ts').map(file =>
  readFileSync(file, 'utf8'),
)
const source = product.join('\n')
// What has changed may since have got another name.
const current = pages.filter(({ file }) => file !== 'CHANGELOG.md')

/** Those names in inline code, as `file:line  name`, that `isKnown` does not know. */
function unknownSpans(names: (text: string) => readonly string[], isKnown: (name: string) => boolean): string[] {
  return current.flatMap(({ file, spans }) =>
    spans.flatMap(({ text, line }) => names(text).flatMap(name => (isKnown(name) ? [] : [`${file}:${line}  ${name}`]))),
  )
}
const matchesOf = (pattern: RegExp) => (text: string) => [...text.matchAll(pattern)].map(match => match[1] ?? match[0])

const groups = new Set(configNames.flatMap(name => (name.includes('.') ? [name.split('.')[0]] : [])))
const isSetting = (name: string) => configNames.some(each => each === name || each.startsWith(`${name}.`))

/** The blocks that are a configuration file of ours, or a part of one. */
const configurations = ({ blocks }: Page) =>
  blocks.filter(({ language, text }) => {
    const keys = [...text.matchAll(/^([\w.]+):/gm)].map(match => match[1] ?? '')
    return language === 'yaml' && keys.length > 0 && keys.every(isSetting)
  })

describe('documents name', () => {
  it('settings that are there', () => {
    const written = matchesOf(/^([a-z]+(?:\.[a-zA-Z_]+)+)(?:\.\*)?(?:: .*|=.*)?$/g)
    const named = (text: string) =>
      written(text).filter(name => groups.has(name.split('.')[0]) && !/\.(md|ts|sh|ya?ml|json|org)$/.test(name))
    expect(current.flatMap(({ spans }) => spans.flatMap(({ text }) => named(text))).length).toBeGreaterThan(80)
    expect(unknownSpans(named, isSetting)).toEqual([])
  })

  it('variables that are read', () => {
    const known = new Set<string>(configNames.map(environmentName))
    // A Collector's own, in its configuration: the token that it sends.
    known.add('NINEFOLD_TOKEN')
    const named = current.flatMap(({ file, text }) =>
      matchesOf(/\bNINEFOLD_[A-Z_]+/g)(text).flatMap(name => (known.has(name) ? [] : [`${file}  ${name}`])),
    )
    expect(named).toEqual([])
  })

  it('codes of errors and findings that are given', () => {
    const known = new Set([...Object.keys(errorRegistry), ...Object.keys(findingRegistry)])
    const families = [...new Set([...known].filter(code => code.includes('_')).map(code => code.split('_')[0]))]
    const named = matchesOf(new RegExp(`\\b(?:${families.join('|')})(?:_[A-Z0-9]+)+\\b`, 'g'))
    expect(unknownSpans(named, code => known.has(code) || source.includes(`'${code}'`))).toEqual([])
  })

  it('metrics and tables that are made', () => {
    const named = matchesOf(/\b(?:ninefold|slo|sli|otel|otlp)_[a-z_]*[a-z]\b(?!_?\*|\.)/g)
    const others =
      readFileSync('deploy/clickhouse/users.sql', 'utf8') +
      globSync('store/migrations/*.sql')
        .map(file => readFileSync(file, 'utf8'))
        .join('\n')
    expect(unknownSpans(named, name => source.includes(name) || others.includes(name))).toEqual([])
  })

  it('paths of the API that answer', () => {
    const paths = product.flatMap(text => [...text.matchAll(/method: '(\w+)',\s+path: '([^']+)'/g)])
    const endpoints = paths.map(([, method = '', path = '']) => ({
      method: method.toUpperCase(),
      pattern: new RegExp(`^/api/v1${path.replace(/\{\w+\}/g, '[^/]+')}$`),
    }))
    expect(endpoints.length).toBeGreaterThan(20)
    const answers = (name: string) => {
      const [, method, path = ''] = /^(?:([A-Z]+) )?([^?]+)/.exec(name) ?? []
      const isOpen = path === '/api/v1/openapi.json' || path === '/api/v1'
      return (
        isOpen || endpoints.some(each => each.pattern.test(path) && (method === undefined || method === each.method))
      )
    }
    const named = matchesOf(/(?:\b(?:GET|POST|PUT|DELETE) )?\/api\/v1[^\s`'"]*/g)
    const inBlocks = current.flatMap(({ file, blocks }) =>
      blocks.flatMap(({ text }) => named(text).flatMap(name => (answers(name) ? [] : [`${file}  ${name}`]))),
    )
    expect([...unknownSpans(named, answers), ...inBlocks]).toEqual([])
  })

  it('files and folders that are there', () => {
    const named = matchesOf(
      /^((?:deploy|docs|slo-specs|ingest|store|compute|api|dashboards|cli|lib|test)\/[\w./-]+)(?: .*)?$/g,
    )
    const inCommands = matchesOf(/^node (test\/\S+)/g)
    expect(unknownSpans(text => [...named(text), ...inCommands(text)], existsSync)).toEqual([])
  })
})

const withConfiguration = current.filter(page => configurations(page).length > 0)
describe('a configuration', () => {
  it.each(withConfiguration)('that $file shows loads', page => {
    for (const [index, { text, line }] of configurations(page).entries()) {
      const file = join(folder, `${index}.yaml`)
      writeFileSync(file, text)
      expect(() => loadConfig({ file, environment: {}, sets: [] }), `${page.file}:${line}`).not.toThrow()
    }
  })
})
