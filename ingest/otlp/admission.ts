import { NinefoldError } from '../../lib/errors.ts'
import type { Producer } from '../bus/bus.ts'

/** The memory one request holds, from its first byte to its answer. */
export interface Reservation {
  /** Throws OTLP_BACK_PRESSURE when the gateway's bound would be passed. */
  add(bytes: number): void
  release(): void
}

export interface Admission {
  /**
   * Lets a request in, before its body is read. Throws OTLP_BACK_PRESSURE: 429 when too many bytes are in flight, 503 when
   * the sink is too far behind.
   */
  admit(): Reservation
  bytesInFlight(): number
}

export interface AdmissionOptions {
  readonly producer: Producer
  readonly maxBytesInFlight: number
  readonly maxLagBytes: number
}

/** Bounds what the gateway holds in memory, and what the bus may have that no sink has committed. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { producer, maxBytesInFlight, maxLagBytes } = options
  let held = 0

  const refuseBeyond = (bytes: number) => {
    if (bytes <= maxBytesInFlight) return
    throw new NinefoldError('OTLP_BACK_PRESSURE', `${bytes} bytes are in flight, ${maxBytesInFlight} are allowed`)
  }

  const admit = (): Reservation => {
    const { lagBytes } = producer.pressure()
    if (lagBytes > maxLagBytes) {
      const text = `the store is ${lagBytes} bytes behind, ${maxLagBytes} are allowed`
      throw new NinefoldError('OTLP_BACK_PRESSURE', text, { details: { status: 503 } })
    }
    refuseBeyond(held + 1)
    let own = 0
    return {
      add: bytes => {
        refuseBeyond(held + bytes)
        own += bytes
        held += bytes
      },
      release: () => {
        held -= own
        own = 0
      },
    }
  }
  return { admit, bytesInFlight: () => held }
}
