/**
 * Writes to memory that is free and gives it back. On a virtual machine the first write to each page makes the host find one, which here
 * took ten times what writing a file into the page cache takes: the first run after a start would measure that.
 * `node test/bench/warm-memory.ts`
 */
import { freemem } from 'node:os'

const chunkBytes = 256 * 1024 * 1024
/** What a run of a minute writes: the log, parts, and the memory of all processes. */
const wanted = 10 * 1024 * 1024 * 1024

const chunks: Buffer[] = []
for (let left = Math.min(wanted, freemem() / 2); left > chunkBytes; left -= chunkBytes) {
  chunks.push(Buffer.alloc(chunkBytes, chunks.length + 1))
}
process.stdout.write(`${JSON.stringify({ bench: 'warm-memory', bytes: chunks.length * chunkBytes })}\n`)
