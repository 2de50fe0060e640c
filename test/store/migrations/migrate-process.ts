import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { createStore } from '../../../store/client/create-store.ts'
import { migrateStore } from '../../../store/migrations/migrate-store.ts'

/** Migrates the server given as argument and prints what ran: a process of its own, for tests of several at once. */
const [url = ''] = process.argv.slice(2)
const store = await createStore({ kind: 'remote', url, username: 'default', password: '', database: 'default' })
const ran = await migrateStore(store, { clock: systemClock, logger: silentLogger })
await store.close()
process.stdout.write(JSON.stringify(ran))
