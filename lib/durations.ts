/** Units of OpenSLO duration shorthand in seconds; a month, quarter and year of a rolling window are 30, 90, 365 days. */
const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, M: 2_592_000, Q: 7_776_000, Y: 31_536_000 } as const

type Unit = keyof typeof unitSeconds

/**
 * Seconds of an OpenSLO duration shorthand (`5m`, `1h`, `4w`, `1M`, `1Q`, `1Y`), or undefined when it is not one.
 * Units are case-sensitive: `m` is minutes, `M` months.
 */
export function parseDurationSeconds(text: string): number | undefined {
  const match = /^(\d{1,9})([smhdwMQY])$/.exec(text)
  if (!match) return undefined
  return Number(match[1]) * unitSeconds[match[2] as Unit]
}

/** The shortest exact shorthand with one unit up to days: 3600 → `1h`, 5400 → `90m`, 2592000 → `30d`. */
export function formatDuration(seconds: number): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    if (seconds >= unitSeconds[unit] && seconds % unitSeconds[unit] === 0)
      return `${seconds / unitSeconds[unit]}${unit}`
  }
  return `${seconds}s`
}

/** For a person's eye, at most two units: 94 s → `1 min 34 s`, 90000 s → `1 d 1 h`. */
export function describeDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor((whole % 86_400) / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'min'],
    [whole % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  if (first < 0) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}
