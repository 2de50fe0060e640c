import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { explainCommand } from '../../../cli/commands/explain.ts'
import { renderHelp } from '../../../cli/help.ts'
import { metricSource, sloOfCounts } from '../../compute/jobs/metric-points.ts'
import { service } from '../../slo-specs/parse.ts'
import { runCommand } from './run-command.ts'

const shop = 'test/cli/commands/specs/shop.yaml'

describe('ninefold explain', () => {
  it('says in plain words what is promised, over what, and how soon who is told', async () => {
    const { code, out } = await runCommand(explainCommand, 'shop-availability', shop)
    expect(code).toBe(0)
    expect(out).toContain('Over any 30 days at least 99.9 % of the valid spans are good.')
    expect(out).toContain('at most 43 min 12 s')
    await expect(out).toMatchFileSnapshot('golden/explain-shop.text')
  })

  it('shows the statement that counts, with what is bound to it', async () => {
    const { out } = await runCommand(explainCommand, 'shop-availability', shop, '--sql')
    await expect(out).toMatchFileSnapshot('golden/explain-shop-sql.text')
  })

  it('has every number as JSON', async () => {
    const { out } = await runCommand(explainCommand, 'shop-availability', shop, '--json')
    const { conditions } = JSON.parse(out)
    expect(conditions[0]).toMatchObject({
      condition: 'page-1h',
      threshold: 14.4,
      detection: [
        { errorRate: 1, seconds: 51.84 },
        { errorRate: 0.1, seconds: expect.closeTo(518.4, 9) },
        { errorRate: 0.01, seconds: null },
      ],
    })
    await expect(out).toMatchFileSnapshot('golden/explain-shop.json')
  })

  it('says how a gauge that is a share already weighs', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'ninefold-explain-')), 'probe.yaml')
    const raw = `ratioMetric: {rawType: failure, raw: ${metricSource('name == "probe.failing"')}}`
    writeFileSync(file, `${service}---\n${sloOfCounts('probe', raw)}`)
    const { code, out } = await runCommand(explainCommand, 'probe', file)
    expect(code).toBe(0)
    expect(out).toContain('bad    the value of name == "probe.failing": a ready-made share from 0 to 1\n')
    expect(out).toContain('each minute weighs the same')
  })

  it.each([
    ['is good', { kind: 'Server', attributes: { 'http.response.status_code': 404 } }, 'valid and good'],
    ['is bad', { kind: 'Server', attributes: { 'http.response.status_code': 503 } }, 'valid and bad'],
    ['does not count', { kind: 'Client', attributes: { 'http.response.status_code': 404 } }, 'not valid'],
  ])('tells how an event is judged that %s', async (_what, event, verdict) => {
    const file = join(mkdtempSync(join(tmpdir(), 'ninefold-explain-')), 'event.json')
    writeFileSync(file, JSON.stringify({ ...event, resource: { 'service.name': 'shop' } }))
    const { out } = await runCommand(explainCommand, 'shop-availability', shop, '--event', file)
    expect(out).toContain(`The event is ${verdict}`)
    expect(out).toContain('  true   service.name == "shop"\n')
  })

  describe('with corrections', () => {
    const corrections = 'test/cli/commands/specs/shop-corrections.yaml'

    it('names each that applies: what it leaves out, why and on whose word', async () => {
      const { out } = await runCommand(explainCommand, 'shop-availability', shop, corrections)
      await expect(out).toMatchFileSnapshot('golden/explain-corrections.text')
      const json = await runCommand(explainCommand, 'shop-availability', shop, corrections, '--json')
      expect(JSON.parse(json.out).corrections).toEqual([
        {
          name: 'move',
          description: '',
          reason: 'Announced four weeks before.',
          approver: 'head of operations',
          leavesOut: '2026-11-21T22:00:00.000Z to 2026-11-22T01:00:00.000Z where cloud.region == "eu-west-1"',
        },
        {
          name: 'sundays',
          description: 'The weekly window.',
          reason: 'The database is vacuumed.',
          approver: 'product owner',
          leavesOut: 'FREQ=WEEKLY;BYDAY=SU from 2026-01-04T02:00:00.000Z for 1h in Europe/Berlin',
        },
      ])
    })

    it.each([
      ['within the range and the predicate', '2026-11-21T22:00:00Z', 'eu-west-1', 'lies in the correction move, so it'],
      ['at the end of the range', '2026-11-22T01:00:00Z', 'eu-west-1', 'is valid and good'],
      ['elsewhere', '2026-11-21T22:00:00Z', 'us-east-1', 'is valid and good'],
      ['on a Sunday in summer', '2026-07-05T01:30:00Z', 'us-east-1', 'lies in the correction sundays, so it'],
      ['an hour later', '2026-07-05T02:30:00Z', 'us-east-1', 'is valid and good'],
      ['without a time', undefined, 'eu-west-1', 'is valid and good'],
    ])('tells of an event whether one leaves it out: %s', async (_what, time, region, verdict) => {
      const file = join(mkdtempSync(join(tmpdir(), 'ninefold-explain-')), 'event.json')
      const resource = { 'service.name': 'shop', 'cloud.region': region }
      const attributes = { 'http.response.status_code': 404 }
      writeFileSync(file, JSON.stringify({ time, kind: 'Server', resource, attributes }))
      const { out } = await runCommand(explainCommand, 'shop-availability', shop, corrections, '--event', file)
      expect(out).toContain(`The event ${verdict}`)
      expect(out.includes('The event has no time')).toBe(time === undefined)
    })
  })

  it('proposes the nearest name and prints the findings of specs that are broken', async () => {
    await expect(runCommand(explainCommand, 'shop-availabilty', shop)).rejects.toThrow(
      'there is no SLO shop-availabilty (did you mean shop-availability?)',
    )
    const { code, notes } = await runCommand(explainCommand, 'x', 'test/cli/commands/specs/broken.yaml')
    expect(code).toBe(1)
    expect(notes).toContain('SPEC_UNKNOWN_FIELD')
  })

  it('says what slices, thresholds and calendars mean', async () => {
    const { code, out } = await runCommand(explainCommand, 'shop-steady', 'test/cli/commands/specs/shop-slices.yaml')
    expect(code).toBe(0)
    await expect(out).toMatchFileSnapshot('golden/explain-slices.text')
  })

  it('says what the mean of slices means', async () => {
    const { out } = await runCommand(explainCommand, 'shop-even', 'test/cli/commands/specs/shop-mean-slices.yaml')
    await expect(out).toMatchFileSnapshot('golden/explain-mean-slices.text')
  })

  it('has a help page with examples', async () => {
    await expect(`${renderHelp(explainCommand)}\n`).toMatchFileSnapshot('golden/explain-help.text')
  })
})
