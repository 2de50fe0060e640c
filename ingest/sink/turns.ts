/** Who may work at the same time in this process. */
export interface Turns {
  /** Runs beside others of its kind, but never beside work that is to be alone. @param topic what is worked on. */
  beside<T>(topic: string, work: () => Promise<T>): Promise<T>
  /** Whether work on the topic is under way. */
  isBusy(topic: string): boolean
  /** Waits for all that is under way, lets nothing else begin, and takes its turn among those that are to be alone. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

export function createTurns(): Turns {
  let lastAlone: Promise<void> = Promise.resolve()
  const underWay = new Map<Promise<void>, string>()

  return {
    beside: async (topic, work) => {
      for (let awaited: Promise<void> | undefined; awaited !== lastAlone; ) {
        awaited = lastAlone
        await awaited
      }
      const running = work()
      const ended = endOf(running)
      underWay.set(ended, topic)
      try {
        return await running
      } finally {
        underWay.delete(ended)
      }
    },
    isBusy: topic => [...underWay.values()].includes(topic),
    alone: work => {
      const former = lastAlone
      const running = (async () => {
        await former
        await Promise.all(underWay.keys())
        return work()
      })()
      lastAlone = endOf(running)
      return running
    },
  }
}

/** Resolves when the work has ended, well or not. */
function endOf(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => undefined,
    () => undefined,
  )
}
