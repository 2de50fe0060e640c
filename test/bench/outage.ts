/**
 * Ten minutes of 20,000 spans a second that nobody stored, over a real broker: how long a sink takes to have all of it in rows, and its memory.
 * `node test/bench/outage.ts [thousands of spans]` prints one JSON object. Not a part of `npm run bench`, whose backlog is smaller.
 */
import process from 'node:process'
import { startSurroundings } from './kafka/surroundings.ts'
import { measureCatchUp } from './kafka/through.ts'

const spans = 1000 * Number(process.argv[2] ?? 12_000)
const surroundings = await startSurroundings(6)
try {
  // Makes the tables, the topics and the group: an outage comes to what was running.
  await (await surroundings.role('sink')).kill('SIGTERM')
  const catchUp = await measureCatchUp(surroundings, { spans, longestSeconds: 240 })
  process.stdout.write(`${JSON.stringify({ bench: 'outage', ...catchUp }, null, 2)}\n`)
} finally {
  await surroundings.close()
}
process.exit()
