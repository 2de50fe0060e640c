import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { startShop } from '../../../cli/demo/shop.ts'
import { startOtlpReceiver, until } from './otlp-receiver.ts'

const folder = mkdtempSync(join(tmpdir(), 'ninefold-orphans-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('ends every process of the shop when its owner is killed without warning', async () => {
  const receiver = await startOtlpReceiver()
  const script = fileURLToPath(new URL('./shop-owner.ts', import.meta.url))
  const owner = spawn(process.execPath, [script, receiver.url, join(folder, 'cache')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  const pids = JSON.parse(line.toString('utf8')) as number[]
  expect(pids.filter(isRunning)).toHaveLength(5)
  owner.kill('SIGKILL')
  await until('the end of every process', () => pids.every(pid => !isRunning(pid)))
  await receiver.close()
})

it('tells when a process of the shop ends by itself, and still stops the others', async () => {
  const receiver = await startOtlpReceiver()
  const crashes: string[] = []
  const shop = await startShop({
    otlpEndpoint: receiver.url,
    compileCache: join(folder, 'cache'),
    onCrash: error => crashes.push(`${error.code} ${error.message}`),
  })
  process.kill(shop.processes.cart, 'SIGKILL')
  await until('the news of the crash', () => crashes.length > 0)
  expect(crashes).toEqual(['DEMO_SHOP_FAILED cart ended by itself (SIGKILL)'])
  await shop.stop()
  expect(Object.values(shop.processes).filter(isRunning)).toEqual([])
  await receiver.close()
})

/** A killed process whose parent has not asked about it yet is over, though it still has an entry. */
function isRunning(pid: number): boolean {
  if (existsSync('/proc/self/stat') && !existsSync(`/proc/${pid}/exe`)) return false
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
