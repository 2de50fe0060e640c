import { NinefoldError } from '../../lib/errors.ts'
import { jsonErrorPosition } from '../../lib/json-error-position.ts'
import { type Refuse, wireTypeOf, writeScalar } from './json-scalars.ts'
import type { WireField, WireTable } from './wire-table.ts'
import { WireWriter } from './wire-writer.ts'

/** An integer literal outside a string that a double may not hold. */
const longInteger = /[[:,]\s*-?\d{16,}/

/** JSON.parse, except that integers beyond 2^53 keep all their digits. */
function parseExactly(text: string): unknown {
  if (!longInteger.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
    return /^-?\d+$/.test(source) ? BigInt(source) : value
  })
}

function parse(body: Buffer): unknown {
  const text = body.toString('utf8').replace(/^\uFEFF/, '')
  try {
    return parseExactly(text)
  } catch (cause) {
    const position = jsonErrorPosition(text) ?? text.length
    const message = `JSON is malformed at position ${position} of ${text.length}`
    throw new NinefoldError('OTLP_MALFORMED_BODY', message, { cause, details: { position } })
  }
}

/**
 * The protobuf form of an OTLP/JSON body: camel-case names (the schema's own names are read too, as the Collector does), ids in
 * hexadecimal, 64-bit integers as strings or numbers, enums as integers, `null` as absent, unknown fields ignored.
 * Throws OTLP_MALFORMED_BODY with the JSON position or path, OTLP_LIMIT_EXCEEDED when nested too deeply.
 */
export function jsonToProtobuf(body: Buffer, rootMessage: number, table: WireTable, maxDepth: number): Buffer {
  const writer = new WireWriter(body.length)
  new JsonWriter(writer, table, maxDepth).message(parse(body), rootMessage, '', 1)
  return writer.finish()
}

class JsonWriter {
  readonly #writer: WireWriter
  readonly #table: WireTable
  readonly #maxDepth: number

  constructor(writer: WireWriter, table: WireTable, maxDepth: number) {
    this.#writer = writer
    this.#table = table
    this.#maxDepth = maxDepth
  }

  message(value: unknown, type: number, path: string, depth: number): void {
    if (depth > this.#maxDepth) {
      const message = `${path} exceeds otlp limit maxDepth = ${this.#maxDepth}`
      throw new NinefoldError('OTLP_LIMIT_EXCEEDED', message, { details: { path, limit: 'maxDepth' } })
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(path, 'an object')
    const fields = this.#table.messages[type]?.byJsonName
    for (const [name, inner] of Object.entries(value)) {
      const field = fields?.get(name)
      if (field === undefined || inner === null) continue
      const at = path === '' ? name : `${path}.${name}`
      if (field.repeated) this.#list(field, inner, at, depth)
      else this.#single(field, inner, at, depth)
    }
  }

  #single(field: WireField, value: unknown, path: string, depth: number): void {
    if (field.message === null) {
      this.#writer.tag(field.id, wireTypeOf(field.type))
      writeScalar(this.#writer, field, value, refuseAt(path))
      return
    }
    this.#writer.tag(field.id, 2)
    const mark = this.#writer.begin()
    this.message(value, field.message, path, depth + 1)
    this.#writer.end(mark)
  }

  #list(field: WireField, value: unknown, path: string, depth: number): void {
    if (!Array.isArray(value)) throw refused(path, 'an array')
    const elements: readonly unknown[] = value
    if (field.message !== null || wireTypeOf(field.type) === 2) {
      for (const [index, element] of elements.entries()) this.#single(field, element, `${path}[${index}]`, depth)
      return
    }
    this.#writer.tag(field.id, 2)
    const mark = this.#writer.begin()
    for (const [index, element] of elements.entries()) {
      writeScalar(this.#writer, field, element, refuseAt(`${path}[${index}]`))
    }
    this.#writer.end(mark)
  }
}

function refused(path: string, expected: string): NinefoldError {
  const where = path === '' ? 'the document' : path
  return new NinefoldError('OTLP_MALFORMED_BODY', `JSON is malformed: ${where} must be ${expected}`, {
    details: { path },
  })
}

function refuseAt(path: string): Refuse {
  return expected => {
    throw refused(path, expected)
  }
}
