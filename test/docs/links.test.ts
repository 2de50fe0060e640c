import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pages } from './pages.ts'

const anchorsOf = (file: string) => pages.find(page => page.file === file)?.anchors

/** What is wrong with the target of a link in a file, or undefined. */
function problem(from: string, target: string): string | undefined {
  if (/^https?:/.test(target)) return undefined
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? from : normalize(`${dirname(from)}/${path}`)
  if (!existsSync(file)) return `${file} is not there`
  if (anchor === undefined) return undefined
  return anchorsOf(file)?.has(anchor) === true ? undefined : `${file} has no heading #${anchor}`
}

describe('the documents', () => {
  it('are found, and have links', () => {
    expect(pages.map(({ file }) => file)).toEqual(expect.arrayContaining(['README.md', 'docs/guides/demo.md']))
    expect(pages.flatMap(({ links }) => links).length).toBeGreaterThan(50)
  })

  it.each(pages.filter(({ links }) => links.length > 0))('lead from $file to what is there', ({ file, links }) => {
    const wrong = links.flatMap(({ text, line }) => {
      const told = problem(file, text)
      return told === undefined ? [] : [`${file}:${line}  ${text}: ${told}`]
    })
    expect(wrong).toEqual([])
  })

  it('can all be reached from the README', () => {
    const seen = new Set<string>(['README.md'])
    for (const from of seen)
      for (const { text } of pages.find(({ file }) => file === from)?.links ?? []) {
        const target = normalize(`${dirname(from)}/${text.split('#')[0]}`)
        const found = pages.filter(({ file }) => file === target || (target.endsWith('/') && file.startsWith(target)))
        for (const { file } of found) seen.add(file)
      }
    expect(pages.map(({ file }) => file).filter(file => !seen.has(file))).toEqual([])
  })

  it('are where the code and the files of deploy send their readers', () => {
    const files = globSync(
      '{lib,slo-specs,ingest,store,compute,api,dashboards,cli,deploy}/**/*.{ts,yaml,yml,js,json,md}',
    )
    const wrong = files.flatMap(file =>
      [...readFileSync(file, 'utf8').matchAll(/\b(docs\/[a-z0-9/-]+\.md)(#[a-z0-9-]+)?/g)].flatMap(([whole]) => {
        const told = problem('README.md', whole)
        return told === undefined ? [] : [`${file}: ${told}`]
      }),
    )
    expect(wrong).toEqual([])
  })
})
