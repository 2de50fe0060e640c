import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import packed from '@sparticuz/chromium'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'

export interface BrowserUnderTest {
  /** A page of its own context; what it logs as an error or cannot load is collected in `troubles`. */
  open(options?: BrowserContextOptions): Promise<PageUnderTest>
  close(): Promise<void>
}

export interface PageUnderTest {
  readonly page: Page
  readonly troubles: string[]
  close(): Promise<void>
}

/** Switches of the package that weaken what a browser does for a page; the tests are to see a browser as people have it. */
const unwanted = ['--disable-web-security', '--allow-running-insecure-content', '--single-process', '--no-zygote']

/** A real Chromium from npm, without anything installed on the machine. */
export async function launchBrowser(): Promise<BrowserUnderTest> {
  const profile = mkdtempSync(join(tmpdir(), 'ninefold-browser-'))
  const browser = await chromium.launch({
    args: packed.args.filter(argument => !unwanted.includes(argument)),
    executablePath: await packed.executablePath(),
    env: { ...process.env, HOME: profile },
  })
  return {
    open: async options => {
      const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options })
      const page = await context.newPage()
      const troubles: string[] = []
      page.on('console', message => {
        if (message.type() === 'error') troubles.push(message.text())
      })
      page.on('pageerror', error => troubles.push(error.message))
      return { page, troubles, close: () => context.close() }
    },
    close: async () => {
      await browser.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}
