/** Places in the protocol where a process may die; the fault suite kills it at each. */
export const protocolSteps = [
  'before-intent',
  'after-intent',
  'after-stage',
  'after-first-insert',
  'after-insert',
  'after-commit',
  'before-probe',
] as const
export type ProtocolStep = (typeof protocolSteps)[number]
