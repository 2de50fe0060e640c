import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  type Scalar,
} from 'yaml'
import type { Report } from './findings.ts'
import { readPlainYaml } from './plain-yaml.ts'
import { BareRecord, ReadValue, type SourceText, sourceText, type YamlLimits, type YamlValue } from './yaml-value.ts'

/** The root values of all documents of a file; what cannot be read is reported and left out. */
export function readYaml(file: string, text: string, limits: YamlLimits, report: Report): YamlValue[] {
  const from = sourceText(file, text)
  return readPlainYaml(from, limits) ?? readAnyYaml(from, limits, report)
}

/** Reads whatever there is, and explains what is wrong with it. */
export function readAnyYaml(from: SourceText, limits: YamlLimits, report: Report): YamlValue[] {
  const { text, at } = from
  const documents = parseDocuments(text)
  if (documents === undefined) {
    report('SPEC_NESTED_TOO_DEEP', at(0), `more than ${limits.maxDepth} levels`)
    return []
  }
  const roots: YamlValue[] = []
  for (const document of documents) {
    reportErrors(document, { at, limits, report })
    if (document.errors.length > 0 || document.contents === null) continue
    const reading: Reading = { from, at, limits, report, values: 0, anchors: new Map() }
    try {
      const root = readNode(document.contents, reading, 0)
      if (root !== undefined && root.value !== null) roots.push(root)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      report(error.code, at(error.offset), error.message)
    }
  }
  return roots
}

/** What the YAML parser has to say of a document. */
function reportErrors(
  document: Document.Parsed,
  { at, limits, report }: Pick<Reading, 'at' | 'limits' | 'report'>,
): void {
  if (document.errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) {
    // Where the parser's stack ended says nothing; the document is what nests.
    report('SPEC_NESTED_TOO_DEEP', at(document.range[0]), `more than ${limits.maxDepth} levels`)
    return
  }
  for (const { code, message, pos } of document.errors) {
    const summary = message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message
    report(code === 'TAB_AS_INDENT' ? 'SPEC_YAML_TAB' : 'SPEC_YAML_SYNTAX', at(pos[0]), summary)
  }
}

/** Ends the reading of one document whose size no longer is that of a spec. */
class Unreadable extends Error {
  readonly code: 'SPEC_ALIAS_BOMB' | 'SPEC_NESTED_TOO_DEEP'
  readonly offset: number
  constructor(code: 'SPEC_ALIAS_BOMB' | 'SPEC_NESTED_TOO_DEEP', offset: number, message: string) {
    super(message)
    this.code = code
    this.offset = offset
  }
}

interface Reading {
  readonly from: SourceText
  readonly at: SourceText['at']
  readonly limits: YamlLimits
  readonly report: Report
  /** What each anchor names so far; an alias may only point backwards. */
  readonly anchors: Map<string, Node>
  values: number
}

/** Undefined when the nesting exhausts the parser's stack. */
function parseDocuments(text: string) {
  try {
    // Duplicate keys are looked for here with a set: the library compares every key with every other.
    const parsed = parseAllDocuments(text, { uniqueKeys: false, merge: false, prettyErrors: false })
    return 'empty' in parsed ? [] : parsed
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function readNode(node: unknown, reading: Reading, depth: number, keyOffset?: number): YamlValue | undefined {
  if (isAlias(node)) return readAlias(node, reading, depth, keyOffset)
  const offset = offsetOf(node, keyOffset ?? 0)
  reading.values += 1
  if (reading.values > reading.limits.maxValues)
    throw new Unreadable(
      'SPEC_ALIAS_BOMB',
      offset,
      `more than ${reading.limits.maxValues} values once aliases are followed`,
    )
  if (depth > reading.limits.maxDepth)
    throw new Unreadable('SPEC_NESTED_TOO_DEEP', offset, `more than ${reading.limits.maxDepth} levels`)
  if (isNode(node) && 'anchor' in node && typeof node.anchor === 'string') reading.anchors.set(node.anchor, node)
  const place = { from: reading.from, offset, keyOffset }
  if (isMap(node)) return new ReadValue({ ...place, ...readEntries(node.items, reading, depth) })
  if (isSeq(node)) {
    const items: unknown[] = []
    const children: YamlValue[] = []
    for (const item of node.items) {
      const child = readNode(item, reading, depth + 1)
      if (child === undefined) continue
      children.push(child)
      items.push(child.value)
    }
    return new ReadValue({ ...place, value: items, children })
  }
  if (isScalar(node))
    return new ReadValue({ ...place, value: plainScalar(node.value), scalar: scalarParts(node, offset) })
  return new ReadValue({ ...place, value: null })
}

/** An alias is the value of its anchor, counted again for every use. */
function readAlias(node: Alias, reading: Reading, depth: number, keyOffset?: number) {
  const offset = offsetOf(node, keyOffset ?? 0)
  const target = reading.anchors.get(node.source)
  if (target !== undefined) {
    if (depth > reading.limits.maxDepth)
      throw new Unreadable('SPEC_ALIAS_BOMB', offset, `the alias *${node.source} contains itself`)
    try {
      return readNode(target, reading, depth + 1, keyOffset ?? offset)
    } catch (error) {
      // What is too large is the use, not what was named.
      if (error instanceof Unreadable) throw new Unreadable(error.code, offset, error.message)
      throw error
    }
  }
  reading.report('SPEC_YAML_SYNTAX', reading.at(offset), `no anchor &${node.source} before this alias`)
  return undefined
}

function readEntries(
  items: readonly { readonly key: unknown; readonly value: unknown }[],
  reading: Reading,
  depth: number,
) {
  const { report, at } = reading
  const value = new BareRecord<unknown>()
  const children = new BareRecord<YamlValue>()
  for (const { key, value: written } of items) {
    const keyOffset = offsetOf(key, offsetOf(written, 0))
    if (!isScalar(key) || typeof key.value !== 'string') {
      report('SPEC_WRONG_TYPE', at(keyOffset), 'a key is a text here')
      continue
    }
    const name = key.value
    const before = children[name]
    if (before !== undefined) {
      report('SPEC_DUPLICATE_KEY', at(keyOffset), `${name} is already given in line ${before.keyPosition.line}`)
      continue
    }
    if (name === '<<') {
      report('SPEC_UNSUPPORTED', at(keyOffset), 'YAML merge keys (<<) are not supported yet')
      continue
    }
    const child = readNode(written, reading, depth + 1, keyOffset)
    if (child === undefined) continue
    children[name] = child
    value[name] = child.value
  }
  return { value, children }
}

function scalarParts({ source, value, type, range }: Scalar, offset: number) {
  return { source: source ?? String(value), type: (type ?? 'PLAIN') as Scalar.Type, end: range?.[1] ?? offset }
}

function plainScalar(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}

function offsetOf(node: unknown, otherwise: number): number {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return otherwise
  const [start] = node.range
  return typeof start === 'number' ? start : otherwise
}
