/** RFC 3339: date, time with any number of decimals, offset. */
const form =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[Tt](?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<fraction>\d+))?(?:[Zz]|(?<sign>[+-])(?<offsetHour>\d\d):(?<offsetMinute>\d\d))$/

/** Times that every column of the store can hold. */
const firstMs = 0
const beyondMs = Date.UTC(2106, 0, 1)

/** Nanoseconds since the epoch of an RFC 3339 time (digits beyond are cut), or what is wrong with it. */
export function readEventTime(text: string): { readonly nanoseconds: bigint } | { readonly problem: string } {
  const parts = form.exec(text)?.groups
  if (parts === undefined) return { problem: 'is no RFC 3339 time, such as 2026-11-27T09:30:00.25Z' }
  const number = (name: string) => Number(parts[name] ?? 0)
  const [year, month, day] = [number('year'), number('month'), number('day')]
  const [hour, minute, second] = [number('hour'), number('minute'), number('second')]
  const [offsetHour, offsetMinute] = [number('offsetHour'), number('offsetMinute')]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  // 60 is a leap second.
  if (!isDay || hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59)
    return { problem: 'is no time that there is' }
  const offsetMs = (offsetHour * 60 + offsetMinute) * 60_000 * (parts.sign === '-' ? -1 : 1)
  const milliseconds = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 - offsetMs
  if (milliseconds < firstMs || milliseconds >= beyondMs) return { problem: 'is not between 1970 and 2105' }
  const fraction = BigInt((parts.fraction ?? '').slice(0, 9).padEnd(9, '0'))
  return { nanoseconds: BigInt(milliseconds) * 1_000_000n + fraction }
}
