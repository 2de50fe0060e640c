import type { FilterValue } from '../model.ts'
import type { CelExpression } from './cel-syntax.ts'

export type ConstantRead =
  | { readonly value: FilterValue }
  /** Not a constant. */
  | { readonly value: null }
  | {
      readonly value: undefined
      readonly code: 'SPEC_FILTER_TYPE' | 'SPEC_FILTER_UNSUPPORTED'
      readonly problem: string
    }

const refused = (code: 'SPEC_FILTER_TYPE' | 'SPEC_FILTER_UNSUPPORTED', problem: string): ConstantRead => ({
  value: undefined,
  code,
  problem,
})

/** A constant: text, number, boolean, or `duration("300ms")`. */
export function readConstant({ exprKind }: CelExpression): ConstantRead {
  if (exprKind.case === 'callExpr' && exprKind.value.function === 'duration' && exprKind.value.target === undefined)
    return readDuration(exprKind.value.args)
  if (exprKind.case !== 'constExpr') return { value: null }
  const { constantKind } = exprKind.value
  switch (constantKind.case) {
    case 'stringValue':
      return { value: { type: 'string', value: constantKind.value } }
    case 'boolValue':
      return { value: { type: 'boolean', value: constantKind.value } }
    case 'doubleValue':
      if (!Number.isFinite(constantKind.value)) return refused('SPEC_FILTER_TYPE', 'the number is too large')
      // The engine's client takes a whole double for an integer, and integers beyond these do not compare exactly.
      if (Math.abs(constantKind.value) > Number.MAX_SAFE_INTEGER)
        return refused('SPEC_FILTER_TYPE', `${constantKind.value} is beyond the numbers that compare exactly`)
      return { value: { type: 'number', value: constantKind.value } }
    case 'int64Value':
    case 'uint64Value':
      return readInteger(constantKind.value)
    case 'nullValue':
      return refused(
        'SPEC_FILTER_UNSUPPORTED',
        'there is no null in telemetry: has(name) tells whether an attribute is there',
      )
    default:
      return refused('SPEC_FILTER_UNSUPPORTED', 'bytes are not supported; attributes are texts, numbers and booleans')
  }
}

function readInteger(value: bigint): ConstantRead {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER))
    return refused('SPEC_FILTER_TYPE', `${value} is beyond the integers that compare exactly; compare it as a text`)
  return { value: { type: 'number', value: Number(value) } }
}

const unitNanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** CEL's durations (those of Go): `300ms`, `1.5s`, `1m30s`. */
function readDuration(args: readonly CelExpression[]): ConstantRead {
  const [argument] = args
  const constant = argument?.exprKind.case === 'constExpr' ? argument.exprKind.value.constantKind : undefined
  if (args.length !== 1 || constant?.case !== 'stringValue')
    return refused('SPEC_FILTER_TYPE', 'duration takes one text: duration("300ms")')
  const text = constant.value
  const parts = [...text.matchAll(/(\d{1,15})(?:\.(\d{1,9}))?(ns|us|µs|ms|s|m|h)/gy)]
  const whole = parts.map(([part]) => part).join('')
  if (whole === '' || whole !== text)
    return refused(
      'SPEC_FILTER_TYPE',
      `${JSON.stringify(text)} is no duration: write numbers with ns, us, ms, s, m or h`,
    )
  const nanoseconds = parts.reduce((sum, [, integer = '0', fraction = '', unit = 'ns']) => {
    const scale = 10n ** BigInt(fraction.length)
    return sum + (BigInt(`${integer}${fraction}`) * (unitNanoseconds[unit] ?? 0n)) / scale
  }, 0n)
  if (nanoseconds > 2n ** 63n - 1n) return refused('SPEC_FILTER_TYPE', `${text} is longer than nanoseconds can tell`)
  return { value: { type: 'duration', value: nanoseconds } }
}
