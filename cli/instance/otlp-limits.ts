import { defaultOtlpLimits, type OtlpLimits } from '../../ingest/otlp/limits.ts'
import type { Config } from '../config-keys.ts'

/** What a payload may be, through the gateway and from a topic that others write to alike. */
export function otlpLimits(config: Config): OtlpLimits {
  return {
    ...defaultOtlpLimits,
    maxBodyBytes: config['otlp.maxBodyBytes'],
    maxDecompressedBytes: config['otlp.maxDecompressedBytes'],
  }
}
