/** Rewrites docs/guides/configuration-keys.md: `node test/cli/write-config-page.ts`. A test holds the page and the keys equal. */
import { writeFileSync } from 'node:fs'
import { configPage, configPageFile } from './config-page.ts'

writeFileSync(configPageFile, configPage())
