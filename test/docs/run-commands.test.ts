import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../cli/commands/index.ts'
import { eventually, type RunningNinefold, removeFolder, startNinefold } from '../factories/ninefold.ts'
import { attribute, encodeRequest } from '../factories/otlp.ts'
import { makeGuideFolder, pathOf } from './guide-folder.ts'
import { pages } from './pages.ts'
import { readShell, removeShell } from './shell.ts'

/** The commands of the documents and of `--help`, run as somebody pastes them, beside an instance that has seen some requests. */

let followed: string
let instance: RunningNinefold
let revision: string
beforeAll(async () => {
  followed = makeGuideFolder()
  const sets = ['otlp.corsOrigins=https://shop.example', 'log.level=warn']
  instance = await startNinefold({ data: join(followed, 'data'), specs: join(followed, 'slos'), sets })
  const answer = await fetch(`${instance.otlp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(checkouts(50)),
  })
  expect(answer.status).toBe(200)
  const slo = () => instance.get('/api/v1/slos/checkout-availability')
  await eventually(slo, ({ valid }) => valid === 50)
  const { current } = await instance.get('/api/v1/revisions')
  revision = String(current)
})
afterAll(async () => {
  await instance.kill('SIGTERM')
  removeFolder(followed)
  removeShell()
})

function checkouts(count: number): Uint8Array {
  const spans = Array.from({ length: count }, (_, index) => ({
    traceId: crypto.getRandomValues(new Uint8Array(16)),
    spanId: crypto.getRandomValues(new Uint8Array(8)),
    name: 'POST /checkouts',
    kind: 2,
    startTimeUnixNano: `${Date.now() - 1000 - index}000000`,
    endTimeUnixNano: `${Date.now() - 990 - index}000000`,
    attributes: [attribute('http.response.status_code', 200)],
  }))
  const resource = { attributes: [attribute('service.name', 'checkout')] }
  return encodeRequest('ExportTraceServiceRequest', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
}

/** As it is pasted, but for the revision, and for folders outside of this one. */
const here = (text: string) =>
  text
    .replace(/\b3f0c…?/g, revision)
    .replaceAll(' --data .ninefold/demo', '')
    .replace(/(?<=[ =])\/(tmp|var\/lib)\//g, './')

let ran = 0
/** Nobody is at the terminal of a test, which is told in one line. */
const refused = ['exit 2: ninefold new slo']

/** In a folder of its own. @returns all that was said on standard error, when a command failed. */
async function run(text: string) {
  const folder = makeGuideFolder()
  const child = spawn('/bin/sh', ['-c', here(text)], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: pathOf(folder),
      NINEFOLD_DATA: instance.data,
      NODE_COMPILE_CACHE: join(followed, 'cache'),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  await once(child, 'close')
  removeFolder(folder)
  const ends = said.split('\n').filter(line => line.startsWith('exit '))
  ran += ends.length
  const failed = ends.filter(line => !line.startsWith('exit 0:') && !refused.includes(line))
  return failed.length > 0 || said.includes('not found') ? said : ''
}

describe('what is pasted', () => {
  const inBlocks = pages.flatMap(({ file, blocks }) =>
    blocks.flatMap(({ language, text, line }) =>
      language === 'sh' && /\bninefold \w/.test(text) ? [{ at: `${file}:${line}`, text }] : [],
    ),
  )
  it.each(inBlocks)('from the block at $at works', async ({ text }) => {
    expect(await run(text)).toBe('')
  })

  it.each(commands)('from ninefold $name --help works', async ({ examples }) => {
    expect(await run(examples.map(({ line }) => `ninefold ${line}`).join('\n'))).toBe('')
  })

  it('is run and not only read', () => {
    expect(ran).toBeGreaterThan(60)
  })
})

describe('what is asked with curl', () => {
  const blocks = pages.flatMap(({ file, blocks }) => blocks.map(block => ({ ...block, file })))
  const asked = blocks.filter(({ language, text }) => language === 'sh' && /^curl /m.test(text))
  it.each(asked)('is answered as $file says', async ({ text, file, line }) => {
    for (const [program, ...args] of readShell(text).calls.filter(([name]) => name === 'curl')) {
      const answer = await ask(args)
      // The block after one that shows a mistake is what is answered.
      const shown = blocks.find(block => block.file === file && block.language === 'json' && block.line > line)?.text
      const isMistake = args.some(word => word.includes('"scopeLogs":{}'))
      expect([program, answer.status >= 400], args.join(' ')).toEqual(['curl', isMistake])
      if (isMistake) expect(answer.body).toContain(shown?.split('…')[0])
      if (args.includes('OPTIONS')) expect([answer.status, answer.origin]).toEqual([204, 'https://shop.example'])
    }
  })
})

async function ask(args: readonly string[]) {
  const after = (option: string) => args.flatMap((word, index) => (word === option ? [args[index + 1] ?? ''] : []))
  const [url = ''] = args.filter(word => word.startsWith('http'))
  const [body] = after('-d')
  const ports = url.replace('http://127.0.0.1:4318', instance.otlp).replace('http://127.0.0.1:8080', instance.api)
  const headers = after('-H').map(header => header.split(': ') as [string, string])
  const method = after('-X')[0] ?? (body === undefined ? 'GET' : 'POST')
  const answer = await fetch(ports, { method, headers, ...(body === undefined ? {} : { body }) })
  return { status: answer.status, origin: answer.headers.get('access-control-allow-origin'), body: await answer.text() }
}
