import process from 'node:process'
import { createInterface, type Interface } from 'node:readline/promises'

/**
 * Asks a person on the terminal, line by line; the end of the input is an empty answer. One reader for all questions, made at the first:
 * what somebody typed ahead is not lost.
 */
export function createAsker(): (question: string) => Promise<string> {
  let reader: Interface | undefined
  let lines: AsyncIterator<string> | undefined
  return async question => {
    reader ??= createInterface({ input: process.stdin, output: process.stderr })
    lines ??= reader[Symbol.asyncIterator]()
    reader.setPrompt(question)
    reader.prompt()
    const { done, value } = await lines.next()
    return done === true ? '' : value.trim()
  }
}
