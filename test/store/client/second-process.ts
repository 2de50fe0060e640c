import { createStore } from '../../../store/client/create-store.ts'

/** Opens the directory given as argument and prints what happened as JSON: a process of its own, for tests of locks and permissions. */
const [path = ''] = process.argv.slice(2)
try {
  const store = await createStore({ kind: 'embedded', path })
  await store.close()
  process.stdout.write(JSON.stringify({ opened: true }))
} catch (error) {
  const { code, message, details } = error as { code: string; message: string; details: unknown }
  process.stdout.write(JSON.stringify({ code, message, details }))
}
process.exit()
