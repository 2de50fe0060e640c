/** An error of the engine in the words a server answers with. */
export class EngineError extends Error {
  readonly engineCode: number
  constructor(engineCode: number, message: string) {
    super(message)
    this.engineCode = engineCode
  }
}

export function asEngineError(error: unknown, version: string): EngineError {
  if (error instanceof EngineError) return error
  const text = error instanceof Error ? error.message : String(error)
  const code = Number(/Code: (\d+)/.exec(text)?.[1] ?? 1001)
  return new EngineError(
    code,
    /\(version /.test(text) ? text : `${text.trimEnd()} (version ${version} (embedded build))`,
  )
}
