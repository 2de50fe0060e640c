/** Runs a piece of work once those before it have ended, whatever came of them. */
export type Alone = <T>(work: () => Promise<T>) => Promise<T>

export function createAlone(): Alone {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    const run = last.then(work)
    last = run.catch(() => undefined)
    return run
  }
}
