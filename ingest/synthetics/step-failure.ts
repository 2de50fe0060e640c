/** Why a run is not as it should be, as `error.type` has it: the expectation that was not met, or where the request ended. */
type FailureReason =
  | 'status'
  | 'within'
  | 'bodyContains'
  | 'extract'
  | 'too-large'
  | 'timeout'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'connection'
  | 'refused'
  | 'request'

/** `message` is for people and is stored: it holds nothing of headers and bodies. */
export interface StepFailure {
  readonly reason: FailureReason
  readonly message: string
}
