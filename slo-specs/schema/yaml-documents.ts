import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
} from 'yaml'
import type { Report } from './findings.ts'
import type { SourcePosition } from './model.ts'
import { scalarOffset } from './scalar-offset.ts'

/** A value of a YAML file that knows where it was written. Aliases are followed; a map keeps the position of its keys. */
export interface YamlValue {
  /** Plain JavaScript: objects, arrays, strings, numbers, booleans, null. */
  readonly value: unknown
  readonly position: SourcePosition
  /** Of the key that leads to it in its map; its own position elsewhere. */
  readonly keyPosition: SourcePosition
  /** The number or text as written, e.g. `0.9990`; undefined for maps and lists. */
  readonly source: string | undefined
  child(key: string | number): YamlValue | undefined
  /** Position of the character at `offset` of a text value, through quoting, folding and indentation. */
  positionInText(offset: number): SourcePosition
}

export interface YamlLimits {
  /** Levels of maps and lists. */
  readonly maxDepth: number
  /** Values in a file after aliases are followed. */
  readonly maxValues: number
}

/** The root values of all documents of a file; what cannot be read is reported and left out. */
export function readYaml(file: string, text: string, limits: YamlLimits, report: Report): YamlValue[] {
  const lines = new LineCounter()
  const at = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const documents = parseDocuments(text, lines)
  if (documents === undefined) {
    report('SPEC_NESTED_TOO_DEEP', { file, line: 1, column: 1 }, `more than ${limits.maxDepth} levels`)
    return []
  }
  const roots: YamlValue[] = []
  for (const document of documents) {
    reportErrors(document, { at, limits, report })
    if (document.errors.length > 0 || document.contents === null) continue
    const reading: Reading = { at, text, limits, report, values: 0, anchors: new Map() }
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
  readonly at: (offset: number) => SourcePosition
  readonly text: string
  readonly limits: YamlLimits
  readonly report: Report
  /** What each anchor names so far; an alias may only point backwards. */
  readonly anchors: Map<string, Node>
  values: number
}

/** Undefined when the nesting exhausts the parser's stack. */
function parseDocuments(text: string, lineCounter: LineCounter) {
  try {
    // Duplicate keys are looked for here with a set: the library compares every key with every other.
    const parsed = parseAllDocuments(text, { lineCounter, uniqueKeys: false, merge: false, prettyErrors: false })
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
  const leaf = { offset, keyOffset, reading }
  if (isScalar(node)) return new ReadValue({ ...leaf, value: plainScalar(node.value), scalar: node })
  const children = new Map<string | number, YamlValue>()
  if (isMap(node)) return new ReadValue({ ...leaf, children, value: readEntries(node.items, children, reading, depth) })
  if (isSeq(node)) {
    const items: unknown[] = []
    for (const item of node.items) {
      const child = readNode(item, reading, depth + 1)
      if (child === undefined) continue
      children.set(items.length, child)
      items.push(child.value)
    }
    return new ReadValue({ ...leaf, children, value: items })
  }
  return new ReadValue({ ...leaf, value: null })
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
  children: Map<string | number, YamlValue>,
  reading: Reading,
  depth: number,
): Record<string, unknown> {
  const { report, at } = reading
  // Without a prototype, so that a key such as __proto__ is a key like any other.
  const object: Record<string, unknown> = Object.create(null)
  for (const { key, value } of items) {
    const keyOffset = offsetOf(key, offsetOf(value, 0))
    if (!isScalar(key) || typeof key.value !== 'string') {
      report('SPEC_WRONG_TYPE', at(keyOffset), 'a key is a text here')
      continue
    }
    const name = key.value
    const before = children.get(name)
    if (before !== undefined) {
      report('SPEC_DUPLICATE_KEY', at(keyOffset), `${name} is already given in line ${before.keyPosition.line}`)
      continue
    }
    if (name === '<<') {
      report('SPEC_UNSUPPORTED', at(keyOffset), 'YAML merge keys (<<) are not supported yet')
      continue
    }
    const child = readNode(value, reading, depth + 1, keyOffset)
    if (child === undefined) continue
    children.set(name, child)
    object[name] = child.value
  }
  return object
}

const noChildren: ReadonlyMap<string | number, YamlValue> = new Map()

/** There are very many of these at once: a file of any size holds no more than it says. Places are worked out when asked for. */
class ReadValue implements YamlValue {
  readonly value: unknown
  readonly source: string | undefined
  readonly #offset: number
  readonly #keyOffset: number
  readonly #reading: Reading
  readonly #children: ReadonlyMap<string | number, YamlValue>
  /** Of a scalar. */
  readonly #style: Scalar.Type | undefined
  readonly #end: number

  constructor(of: ReadParts) {
    this.value = of.value
    const source = of.scalar && (of.scalar.source ?? String(of.scalar.value))
    // Of a text that is written as it is, one copy is kept.
    this.source = typeof of.value === 'string' && of.value === source ? of.value : source
    this.#offset = of.offset
    this.#keyOffset = of.keyOffset ?? of.offset
    this.#reading = of.reading
    this.#children = of.children ?? noChildren
    this.#style = of.scalar && ((of.scalar.type as Scalar.Type | undefined) ?? 'PLAIN')
    this.#end = of.scalar?.range?.[1] ?? of.offset
  }

  get position(): SourcePosition {
    return this.#reading.at(this.#offset)
  }

  get keyPosition(): SourcePosition {
    return this.#reading.at(this.#keyOffset)
  }

  child(key: string | number): YamlValue | undefined {
    return this.#children.get(key)
  }

  positionInText(index: number): SourcePosition {
    const { at, text } = this.#reading
    if (this.#style === undefined) return at(this.#offset)
    const place = { value: String(this.value), start: this.#offset, end: this.#end, style: this.#style }
    return at(scalarOffset(text, place, index))
  }
}

interface ReadParts {
  readonly value: unknown
  readonly children?: ReadonlyMap<string | number, YamlValue>
  readonly offset: number
  readonly keyOffset: number | undefined
  readonly reading: Reading
  readonly scalar?: Scalar
}

function plainScalar(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}

function offsetOf(node: unknown, otherwise: number): number {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return otherwise
  const [start] = node.range
  return typeof start === 'number' ? start : otherwise
}
