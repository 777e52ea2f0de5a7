import { expect, test } from 'vitest'
import { serverStarter } from '../support/server-starter.js'

const servers = serverStarter()

const task = async (name: string) => {
  const started = servers.start({}, [name])
  const { code } = await started.ended
  return { code, stdout: started.stdout(), stderr: started.stderr() }
}

test('migrate, audit and jobs work on one database, and print results only', async () => {
  const early = await task('audit')
  expect([early.code, early.stdout, early.stderr]).toEqual([78, '', expect.stringContaining('lacks 0001_tables')])

  const first = await task('migrate')
  expect([first.code, first.stdout]).toEqual([0, expect.stringMatching(/^applied 0001_tables, [^\n]*\n$/)])
  const again = await task('migrate')
  expect([again.code, again.stdout]).toEqual([0, 'the tables are up to date\n'])

  const audit = await task('audit')
  expect([audit.code, JSON.parse(audit.stdout)]).toMatchObject([0, { ok: true, violations: [] }])

  const jobs = servers.start({}, ['jobs'])
  await jobs.saying(/is now the leader/)
  expect(await servers.stop(jobs)).toEqual({ code: 0, signal: null })
  expect(jobs.stdout()).not.toContain('Listening')
})
