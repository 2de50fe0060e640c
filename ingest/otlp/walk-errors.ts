import { NinefoldError } from '../../lib/errors.ts'
import type { OtlpLimits } from './limits.ts'
import type { WireTable } from './wire-table.ts'

/** The sentences of the walk: where in the payload, in which message and field, and what is wrong. They throw. */
export class WalkErrors {
  readonly #table: WireTable
  readonly #limits: OtlpLimits

  constructor(table: WireTable, limits: OtlpLimits) {
    this.#table = table
    this.#limits = limits
  }

  malformed(at: number, type: number, what: string): never {
    const text = `protobuf is malformed at byte ${at}, in ${this.#name(type)}: ${what}`
    throw new NinefoldError('OTLP_MALFORMED_BODY', text, { details: { byte: at } })
  }

  overrun(at: number, length: number, left: number, type: number, field: number): never {
    return this.malformed(
      at,
      type,
      `${this.#name(type, field)} says ${length} bytes where ${Math.max(left, 0)} are left`,
    )
  }

  wrongWire(at: number, wire: number, type: number, field: number): never {
    return this.malformed(at, type, `${this.#name(type, field)} comes with wire type ${wire}`)
  }

  /** Only beyond the limit. */
  bounded(length: number, limit: 'maxAttributeKeyBytes' | 'maxAttributeValueBytes', at: number, type: number): void {
    if (length > this.#limits[limit]) this.exceeded(at, limit, type)
  }

  exceeded(at: number, limit: keyof OtlpLimits, type: number): never {
    const text = `${this.#name(type)} at byte ${at} exceeds otlp limit ${limit} = ${this.#limits[limit]}`
    throw new NinefoldError('OTLP_LIMIT_EXCEEDED', text, { details: { byte: at, limit } })
  }

  #name(type: number, field?: number): string {
    const found = this.#table.messages[type]
    const name = found?.name ?? `message ${type}`
    return field === undefined ? name : `${name}.${found?.fields[field]?.name ?? field}`
  }
}
