const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** UTC hour of the day at which most people shop. */
const busiestHour = 19
const daySwing = 0.35
const weekendFactor = 0.85

/**
 * How busy the shop is at `ms` compared with its mean: a wave over the day between 0.65 and 1.35, less at weekends. Live
 * traffic and history follow the same wave, so that the step between them looks alike at any hour.
 */
export function trafficFactor(ms: number): number {
  const hour = (ms % dayMs) / hourMs
  const wave = 1 + daySwing * Math.cos(((hour - busiestHour) / 24) * 2 * Math.PI)
  const weekday = new Date(ms).getUTCDay()
  return weekday === 0 || weekday === 6 ? wave * weekendFactor : wave
}
