/** Resolves when somebody asks the process to stop. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** For a start that was given up because somebody asks to stop, which is no failure. @throws the error of any other. */
export function nullIfAborted(signal: AbortSignal): (error: unknown) => null {
  return error => {
    if (signal.aborted) return null
    throw error
  }
}
