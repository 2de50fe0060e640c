import { globSync, readFileSync } from 'node:fs'

/** The documents as a reader meets them: what is code, what leads elsewhere, and what can be led to. */

export interface Snippet {
  readonly text: string
  readonly line: number
}

export interface Page {
  /** From the root of the repository. */
  readonly file: string
  readonly text: string
  /** Fenced blocks. */
  readonly blocks: readonly (Snippet & { readonly language: string })[]
  /** Inline code, with line breaks as spaces. */
  readonly spans: readonly Snippet[]
  /** Targets of links and images. */
  readonly links: readonly Snippet[]
  /** What a `#` may name. */
  readonly anchors: ReadonlySet<string>
}

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm
const inline = /(?<!`)`([^`]+)`(?!`)/g
const link = /\]\(([^()\s]+)\)/g

export const pages: readonly Page[] = ['*.md', 'docs/**/*.md']
  .flatMap(pattern => globSync(pattern))
  .sort()
  .map(readPage)

function readPage(file: string): Page {
  const text = readFileSync(file, 'utf8')
  const at = (index = 0) => text.slice(0, index).split('\n').length
  const all = (pattern: RegExp, of: string) =>
    [...of.matchAll(pattern)].map(match => ({ text: match[1] ?? '', line: at(match.index) }))
  const blocks = [...text.matchAll(fence)].map(match => ({
    language: match[1] ?? '',
    text: match[2] ?? '',
    line: at(match.index) + 1,
  }))
  // Blanked rather than cut, so that lines stay where they are.
  const prose = text.replace(fence, block => block.replace(/[^\n]/g, ' '))
  const withoutCode = prose.replace(inline, code => code.replace(/[^\n]/g, ' '))
  const spans = all(inline, prose).map(({ text, line }) => ({
    text: text.replace(/\s+/g, ' ').replaceAll('\\|', '|'),
    line,
  }))
  return { file, text, blocks, spans, links: all(link, withoutCode), anchors: anchorsOf(prose) }
}

/** The anchors that GitHub gives to headings: small letters, no punctuation, hyphens for spaces, a number for the second of a name. */
function anchorsOf(prose: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of prose.matchAll(/^#{1,6} (.+)$/gm)) {
    const plain = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase()
    const slug = plain.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-')
    let anchor = slug
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`
    anchors.add(anchor)
  }
  return anchors
}
