import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { type RunningNinefold, removeFolder, startNinefold } from '../factories/ninefold.ts'
import { service, sloText } from '../slo-specs/parse.ts'

/** The files of deploy/ci, run as a runner and as git run them, against an instance that asks for a token. */

const token = 'a-token-of-the-instance'
const workflow = z
  .object({
    env: z.record(z.string(), z.string()),
    jobs: z.object({
      slos: z.object({
        steps: z.array(
          z.object({
            name: z.string().optional(),
            run: z.string().optional(),
            env: z.record(z.string(), z.string()).optional(),
          }),
        ),
      }),
    }),
  })
  .parse(parse(readFileSync('deploy/ci/github-workflow.yml', 'utf8')))

let folder: string
let instance: RunningNinefold
let repository: string
const root = new URL('../..', import.meta.url).pathname
const slo = (name: string, target: string) =>
  sloText({ name, objective: `\n    - target: ${target}` })
    .replace('objectives: [\n', 'objectives:\n')
    .replace(/ *\]\n$/, '\n')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-ci-'))
  repository = join(folder, 'repository')
  const specs = join(folder, 'in-force')
  for (const path of [join(repository, 'slos'), specs]) mkdirSync(path, { recursive: true })
  for (const path of [join(repository, 'slos'), specs]) {
    writeFileSync(join(path, 'service.yaml'), service)
    writeFileSync(join(path, 'checkout.yaml'), sloText())
    writeFileSync(join(path, 'cart.yaml'), sloText({ name: 'cart', good: 'status == "Ok"' }))
  }
  const tokensFile = join(folder, 'tokens')
  writeFileSync(tokensFile, `${token}\n`)
  instance = await startNinefold({ data: join(folder, 'data'), specs, sets: [`auth.tokensFile=${tokensFile}`] })
  const own = run('sh', [
    '-ec',
    `${join(root, 'ninefold')} fmt slos && git init -q . && git add -A && git commit -qm first`,
  ])
  expect(own.status, own.stderr).toBe(0)
})
afterAll(async () => {
  await instance.kill('SIGKILL')
  removeFolder(folder)
})

function environment(more: Record<string, string>): Record<string, string> {
  const git = {
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@example.org',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.org',
  }
  return { PATH: `${root}:${process.env.PATH ?? ''}`, HOME: folder, ...git, ...more }
}

function run(command: string, args: readonly string[], more: Record<string, string> = {}): SpawnSyncReturns<string> {
  return spawnSync(command, args, { cwd: repository, encoding: 'utf8', env: environment(more), timeout: 150_000 })
}

/** The steps as a runner runs them: `bash -e`, until one fails. */
function runWorkflow(more: Record<string, string> = {}) {
  const temporary = mkdtempSync(join(folder, 'runner-'))
  const summary = join(temporary, 'summary.md')
  const variables = { vars: instance.api, secrets: token }
  const filled = (values: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        value.replace(/\$\{\{ (vars|secrets)\.\w+ \}\}/, (_, kind: 'vars' | 'secrets') => variables[kind]),
      ]),
    )
  const own = { RUNNER_TEMP: temporary, GITHUB_STEP_SUMMARY: summary, ...filled(workflow.env), ...more }
  let out = ''
  for (const { name, run: script, env } of workflow.jobs.slos.steps) {
    if (script === undefined) continue
    const { status, stdout, stderr } = run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      ...own,
      ...filled(env),
    })
    out += stdout + stderr
    if (status !== 0) return { failedAt: name, out, summary: read(summary) }
  }
  return { failedAt: undefined, out, summary: read(summary) }
}

const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '')
const write = (name: string, text: string) => {
  writeFileSync(join(repository, 'slos', name), text)
  run(join(root, 'ninefold'), ['fmt', 'slos'])
}
const reset = () => run('git', ['reset', '-q', '--hard', 'HEAD'])

describe('the workflow of deploy/ci', () => {
  it('passes what is right, and shows the plan on the page of the run, over an empty store as well', () => {
    write('checkout.yaml', slo('checkout', '0.99'))
    const { failedAt, out, summary } = runWorkflow()
    reset()
    expect(failedAt, out).toBeUndefined()
    expect(summary).toContain('## Plan of the SLOs')
    expect(summary).toMatch(/\| \*\*objective\*\* \| ` 0\.999 ` \| ` 0\.99 ` \|/)
    expect(summary).toContain('no data')
  })

  it('ends at what is wrong, as an annotation, and at what is not tidy', () => {
    write('checkout.yaml', slo('checkout', '1'))
    const wrong = runWorkflow()
    reset()
    expect(wrong.failedAt).toBe('Validate')
    expect(wrong.out).toMatch(/::error file=slos\/checkout\.yaml,line=\d+,col=\d+,title=SPEC_OBJECTIVE_100::/)
    writeFileSync(join(repository, 'slos/checkout.yaml'), `${sloText()}\n\n`)
    const untidy = runWorkflow()
    reset()
    expect([untidy.failedAt, untidy.out]).toEqual(['Formatted', expect.stringContaining('slos/checkout.yaml')])
  })

  it('ends at what the policy does not let through, with the plan on the page', () => {
    rmSync(join(repository, 'slos/cart.yaml'))
    const { failedAt, out, summary } = runWorkflow({ FAIL_IF: 'removed > 0' })
    reset()
    expect([failedAt, out]).toEqual(['Plan', expect.stringContaining('--fail-if "removed > 0": it is 1')])
    expect(summary).toContain('### cart (removed)')
  })
})

describe('the pre-commit hook of deploy/ci', () => {
  const commit = (more: Record<string, string> = {}) =>
    run('git', ['commit', '-qam', 'change'], {
      NINEFOLD_API_URL: instance.api,
      NINEFOLD_AUTH_TOKENS_FILE: join(folder, 'tokens'),
      ...more,
    })
  const head = () => run('git', ['rev-parse', 'HEAD']).stdout

  it('lets a good change through with its plan, and asks nothing of other commits', () => {
    const hook = join(repository, '.git/hooks/pre-commit')
    copyFileSync('deploy/ci/pre-commit', hook)
    chmodSync(hook, 0o755)
    write('checkout.yaml', slo('checkout', '0.99'))
    const good = commit()
    expect(good.status, good.stderr).toBe(0)
    expect(`${good.stdout}${good.stderr}`).toContain('~ checkout (changed)')
    writeFileSync(join(repository, 'README.md'), 'read me')
    run('git', ['add', '-A'])
    const other = commit({ NINEFOLD_API_URL: 'http://127.0.0.1:1' })
    expect([other.status, other.stdout]).toEqual([0, ''])
  })

  it('keeps a bad one out, whatever the working tree says', () => {
    const before = head()
    write('checkout.yaml', slo('checkout', '1'))
    run('git', ['add', '-A'])
    write('checkout.yaml', slo('checkout', '0.99'))
    const bad = run('git', ['commit', '-qm', 'change'], { NINEFOLD_API_URL: instance.api })
    reset()
    expect([bad.status, head()]).toEqual([1, before])
    expect(`${bad.stdout}${bad.stderr}`).toContain('slos/checkout.yaml')
    rmSync(join(repository, 'slos/cart.yaml'))
    const removing = commit()
    reset()
    expect([removing.status, head()]).toEqual([1, before])
    expect(removing.stderr).toContain('--fail-if "removed > 0": it is 1')
  })

  it('without an instance checks the specs alone and says so', () => {
    write('checkout.yaml', slo('checkout', '0.95'))
    const alone = commit({ NINEFOLD_API_URL: 'http://127.0.0.1:1' })
    expect([alone.status, alone.stderr]).toEqual([0, expect.stringContaining('no plan could be made')])
  })
})
