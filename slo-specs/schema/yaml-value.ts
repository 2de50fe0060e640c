import type { SourcePosition } from './model.ts'
import { type ScalarPlace, scalarOffset } from './scalar-offset.ts'

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

/** The text of a file, and where its lines begin. */
export interface SourceText {
  readonly text: string
  /** Line and column of an offset; both 1-based. */
  at(offset: number): SourcePosition
}

export function sourceText(file: string, text: string): SourceText {
  let starts: number[] | undefined
  return {
    text,
    at: offset => {
      starts ??= lineStarts(text)
      let [low, high] = [0, starts.length - 1]
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if ((starts[middle] ?? 0) <= offset) low = middle
        else high = middle - 1
      }
      return { file, line: low + 1, column: Math.max(0, offset - (starts[low] ?? 0)) + 1 }
    },
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/**
 * A map as it is read: without a prototype, so that `__proto__` or `constructor` are keys like any other. `Object.create(null)` is one too, but the
 * engine makes that a hash table of four times the size, and specs have many small maps.
 */
export class BareRecord<Value> {
  [key: string]: Value
}
Object.setPrototypeOf(BareRecord.prototype, null)
Reflect.deleteProperty(BareRecord.prototype, 'constructor')

/** The values of a map by their keys, or of a list. */
export type Children = BareRecord<YamlValue> | readonly YamlValue[]

/** What the readers know of a value; of a scalar also how it is written and where that ends. */
export interface ReadParts {
  readonly value: unknown
  readonly from: SourceText
  readonly offset: number
  readonly keyOffset: number | undefined
  readonly children?: Children
  readonly scalar?: { readonly source: string; readonly type: ScalarPlace['style']; readonly end: number }
}

/** Positions are worked out when somebody asks: of ten thousand values that is a handful. One object a value, for there are many. */
export class ReadValue implements YamlValue {
  readonly value: unknown
  readonly source: string | undefined
  readonly #from: SourceText
  readonly #offset: number
  readonly #keyOffset: number
  readonly #children: Children | undefined
  readonly #type: ScalarPlace['style'] | undefined
  readonly #end: number
  constructor({ value, from, offset, keyOffset, children, scalar }: ReadParts) {
    this.value = value
    this.source = scalar?.source
    this.#from = from
    this.#offset = offset
    this.#keyOffset = keyOffset ?? offset
    this.#children = children
    this.#type = scalar?.type
    this.#end = scalar?.end ?? offset
  }
  get position(): SourcePosition {
    return this.#from.at(this.#offset)
  }
  get keyPosition(): SourcePosition {
    return this.#from.at(this.#keyOffset)
  }
  child(key: string | number): YamlValue | undefined {
    const children = this.#children
    if (isList(children)) return typeof key === 'number' ? children[key] : undefined
    return typeof key === 'string' ? children?.[key] : undefined
  }
  positionInText(index: number): SourcePosition {
    if (this.#type === undefined) return this.position
    const place = { value: String(this.value), start: this.#offset, end: this.#end, style: this.#type }
    return this.#from.at(scalarOffset(this.#from.text, place, index))
  }
}

function isList(children: Children | undefined): children is readonly YamlValue[] {
  return Array.isArray(children)
}
