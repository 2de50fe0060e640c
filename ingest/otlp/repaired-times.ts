import { WireCursor } from './wire-cursor.ts'
import type { WireMessage } from './wire-table.ts'

/** Where an instant that no column can hold is kept as it was sent (decimal nanoseconds). */
const originalTimestampKey = 'ninefold.timestamp.original'

/** First nanosecond beyond a DateTime column (2106-02-07T06:28:16Z), and beyond a DateTime64(9) column (2262-04-11). */
const afterSeconds = 2n ** 32n * 1_000_000_000n
const afterNanoseconds = 2n ** 63n

interface TimeRule {
  readonly primary: number
  readonly secondary: number | null
  /** The secondary instant is the best guess when the primary is missing. */
  readonly standsIn: boolean
  /** The secondary instant must be there too. */
  readonly required: boolean
  /** Suffix of the attribute that keeps an impossible secondary instant. */
  readonly suffix: string
  readonly bound: bigint
}

const point = { primary: 3, secondary: 2, standsIn: false, required: false, suffix: '.start', bound: afterSeconds }
const alone = { secondary: null, standsIn: false, required: false, suffix: '' }

const rules: Readonly<Record<string, TimeRule>> = {
  Span: { primary: 7, secondary: 8, standsIn: true, required: true, suffix: '.end', bound: afterNanoseconds },
  SpanEvent: { ...alone, primary: 1, bound: afterNanoseconds },
  LogRecord: {
    primary: 1,
    secondary: 11,
    standsIn: true,
    required: false,
    suffix: '.observed',
    bound: afterNanoseconds,
  },
  NumberDataPoint: point,
  HistogramDataPoint: point,
  ExponentialHistogramDataPoint: point,
  SummaryDataPoint: point,
  Exemplar: { ...alone, primary: 2, bound: afterSeconds },
}

export interface RepairedTimes {
  /** Field numbers to leave out of the copy. */
  readonly dropped: ReadonlySet<number>
  /** Instants to write instead. */
  readonly written: ReadonlyMap<number, bigint>
  /** Attributes that keep what was sent. */
  readonly originals: ReadonlyMap<string, string>
  /** The instant of this message, for the events and exemplars inside it. */
  readonly own: bigint
  /** Nothing in this message says when it was. */
  readonly isGuessed: boolean
}

function readTimes(bytes: Buffer, start: number, end: number, rule: TimeRule): [bigint, bigint] {
  const cursor = new WireCursor(bytes, start, end)
  let primary = 0n
  let secondary = 0n
  while (cursor.next()) {
    if (cursor.field === rule.primary) primary = cursor.unsigned()
    else if (cursor.field === rule.secondary) secondary = cursor.unsigned()
  }
  return [primary, secondary]
}

/**
 * What the instants of one message become. Absent ones: a span's start is its end, else the time of receipt; a span's end
 * is its start; a log record's time is when it was observed, else received; a data point's the time of receipt; an event's
 * and an exemplar's that of their span or point. Those beyond their column are treated alike and kept in an attribute.
 */
export function repairTimes(
  message: WireMessage,
  bytes: Buffer,
  start: number,
  end: number,
  around: bigint,
): RepairedTimes | null {
  const rule = rules[message.name]
  if (rule === undefined) return null
  const [primary, secondary] = readTimes(bytes, start, end, rule)
  const usable = (time: bigint) => time > 0n && time < rule.bound
  const told = usable(primary) ? primary : rule.standsIn && usable(secondary) ? secondary : null
  const own = told ?? around
  const written = new Map<number, bigint>()
  const originals = new Map<string, string>()
  const dropped = new Set<number>()
  if (!usable(primary)) {
    dropped.add(rule.primary)
    written.set(rule.primary, own)
    if (primary !== 0n) originals.set(originalTimestampKey, String(primary))
  }
  if (rule.secondary !== null && !usable(secondary) && (rule.required || secondary !== 0n)) {
    dropped.add(rule.secondary)
    if (rule.required) written.set(rule.secondary, own)
    if (secondary !== 0n) originals.set(originalTimestampKey + rule.suffix, String(secondary))
  }
  return { dropped, written, originals, own, isGuessed: told === null }
}
