import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isScalar, isSeq, parseAllDocuments, type Scalar, visit, type YAMLMap } from 'yaml'

/** The order of fields, outermost first, as the specification lists them; fields that are not named keep theirs, at the end. */
const fieldOrder = [
  ...['apiVersion', 'kind', 'metadata', 'name', 'displayName', 'labels', 'annotations'],
  ...[
    'description',
    'metricSourceRef',
    'type',
    'spec',
    'service',
    'indicator',
    'indicatorRef',
    'ratioMetric',
    'thresholdMetric',
    'counter',
  ],
  ...['good', 'bad', 'total', 'rawType', 'raw', 'metricSource', 'connectionDetails'],
  ...['signal', 'filter', 'timeWindow', 'duration', 'isRolling', 'calendar', 'startTime', 'timeZone'],
  ...['budgetingMethod', 'objectives', 'target', 'targetPercent', 'timeSliceTarget', 'timeSliceWindow'],
  ...['compositeWeight', 'alertPolicies', 'alertPolicyRef', 'alertWhenBreaching', 'alertWhenResolved'],
  ...['alertWhenNoData', 'conditions', 'conditionRef', 'severity', 'condition', 'op', 'threshold', 'value'],
  ...['lookbackWindow', 'alertAfter', 'notificationTargets', 'targetRef'],
]
const rank = new Map(fieldOrder.map((name, index) => [name, index]))

/** Below these stand names of somebody's own, in an order of somebody's own. */
const ownNames = new Set(['labels', 'annotations', 'connectionDetails', 'query'])

/** Plain and quoted texts are broken here. */
const lineWidth = 120

export type Formatted =
  | { readonly text: string }
  /** Characters from the beginning of the text. */
  | { readonly problem: string; readonly offset: number }

/**
 * A spec file in its canonical form: fields in the specification's order, two spaces of indentation, one `---` between documents.
 * Comments, blank lines, quotes, digits, anchors and the style of texts stay. Formatting twice changes nothing more, and what the
 * file says is the same before and after: where another order would change that (an alias before its anchor), the order stays.
 */
export function formatSpec(text: string): Formatted {
  try {
    return format(text)
  } catch (error) {
    // The library walks documents by calling itself.
    if (error instanceof RangeError) return { problem: 'the document nests too deeply', offset: 0 }
    throw error
  }
}

function format(text: string): Formatted {
  const [error] = parsed(text, 'core').flatMap(({ errors }) => errors)
  if (error !== undefined) return { problem: error.message.split('\n')[0] ?? error.message, offset: error.pos[0] }
  for (const reorder of [sortFields, undefined]) {
    const candidate = settled(text, reorder)
    if (candidate !== undefined && saysTheSame(text, candidate)) return { text: candidate }
  }
  return { text }
}

/** What the library writes once, it may fold differently once more; the second time it is stable. Undefined when it is not. */
function settled(text: string, reorder: ((document: Document) => void) | undefined): string | undefined {
  let before = text
  for (let round = 0; round < 3; round++) {
    const after = written(before, reorder)
    if (after === before) return after
    before = after
  }
  return undefined
}

function written(text: string, reorder: ((document: Document) => void) | undefined): string {
  const documents = parsed(text, 'failsafe')
  for (const document of documents) {
    keepFolds(document, text)
    reorder?.(document)
  }
  const joined = documents
    .map((document, index) => {
      // A comment or directive before the first document's `---` belongs to it and comes out with it.
      const body = document.toString({ lineWidth, indent: 2, indentSeq: true, flowCollectionPadding: false })
      return index === 0 || body.startsWith('---') ? body : `---\n${body}`
    })
    .join('')
  return joined
    .replace(foldMark, '>$1')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n*$/, '\n')
}

/** As texts only (`failsafe`), so that 0.9990 and 'yes' come out as they were written; or with their meaning (`core`). */
function parsed(text: string, schema: 'failsafe' | 'core'): Document.Parsed[] {
  const documents = parseAllDocuments(text, { schema, uniqueKeys: false, merge: false, prettyErrors: false })
  return 'empty' in documents ? [] : documents
}

function saysTheSame(before: string, after: string): boolean {
  const values = (text: string) =>
    (['core', 'failsafe'] as const).map(schema =>
      parsed(text, schema).map(document => (document.errors.length > 0 ? document.errors : document.toJS())),
    )
  try {
    return isDeepStrictEqual(values(before), values(after))
  } catch (error) {
    // What cannot be put into words (aliases beyond number) is left as it is.
    if (error instanceof ReferenceError) return false
    throw error
  }
}

const mark = '\u0001'
const foldMark = new RegExp(`\\|([-+\\d]*) #${mark}`, 'g')

/** The library would break folded texts anew; written as literal ones with a mark, they keep the lines that their writer gave them. */
function keepFolds(document: Document, text: string): void {
  visit(document, {
    Scalar: (_, node) => {
      if (node.type !== 'BLOCK_FOLDED' || node.range == null) return
      const [header = '', ...lines] = text.slice(node.range[0], node.range[1]).split(/\r?\n/)
      const chomping = /^>\d*([-+]?)/.exec(header)?.[1]
      if (chomping === '+' || node.comment != null) return
      const body = lines.join('\n').trimEnd()
      const indent = Math.min(...body.split('\n').flatMap(line => (line.trim() === '' ? [] : line.search(/\S/))))
      asLiteral(node, body.replaceAll(new RegExp(`^ {0,${indent}}`, 'gm'), ''), chomping === '-')
    },
  })
}

function asLiteral(node: Scalar, body: string, isStripped: boolean): void {
  node.type = 'BLOCK_LITERAL'
  node.value = isStripped ? body : `${body}\n`
  node.comment = mark
}

function sortFields(document: Document): void {
  // In another order an alias could come before its anchor.
  if (hasAlias(document)) return
  const root = document.contents
  if (isMap(root)) keepOnTop(root)
  const waiting: unknown[] = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isSeq(node)) waiting.push(...node.items)
    if (!isMap(node)) continue
    sortMap(node, node === root)
    for (const { key, value } of node.items) if (!ownNames.has(nameOf(key))) waiting.push(value ?? null)
  }
}

function hasAlias(document: Document): boolean {
  let found = false
  visit(document, {
    Alias: () => {
      found = true
      return visit.BREAK
    },
  })
  return found
}

/** What stands above the first field of a document speaks of the document. */
function keepOnTop(root: YAMLMap): void {
  const key = root.items[0]?.key
  if (!isScalar(key) || key.commentBefore == null) return
  root.commentBefore = [root.commentBefore, key.commentBefore].filter(text => text != null).join('\n')
  key.commentBefore = null
}

function sortMap(map: YAMLMap, isRoot: boolean): void {
  const first = map.items[0]?.key
  // Further in, what stands above the first field speaks of that field.
  if (!isRoot && isScalar(first) && map.commentBefore != null) {
    first.commentBefore = [map.commentBefore, first.commentBefore].filter(text => text != null).join('\n')
    map.commentBefore = null
  }
  map.items.sort((a, b) => (rank.get(nameOf(a.key)) ?? rank.size) - (rank.get(nameOf(b.key)) ?? rank.size))
  const newFirst = map.items[0]?.key
  if (isScalar(newFirst)) newFirst.spaceBefore = false
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : ''
}
