import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { archiveCommand, baseBackupOptions, recoverySettings } from '../postgres-archive.js'

const page = readFileSync(fileURLToPath(new URL('../../docs/operate/high-availability.md', import.meta.url)), 'utf8')

test('the page shows the commands that the test of a restore runs', () => {
  const archive = '/backup/log'
  expect(page).toContain(`archive_command = '${archiveCommand(archive)}'`)
  expect(page).toContain(`pg_basebackup ${baseBackupOptions} `)
  expect(page).toContain(recoverySettings(archive, '2030-01-01 03:00:00.25+00').join('\n'))
})

const { sectionOf } = (await import(new URL('../../examples/ha-cluster/src/last-run.mjs', import.meta.url).href)) as {
  readonly sectionOf: (results: unknown) => string
}

test('the page shows the results of the last run', () => {
  const file = fileURLToPath(new URL('../../docs/operate/high-availability-results.json', import.meta.url))
  expect(page.endsWith(sectionOf(JSON.parse(readFileSync(file, 'utf8'))))).toBe(true)
})

const patroni = readFileSync(
  fileURLToPath(new URL('../../examples/ha-cluster/config/patroni.yaml', import.meta.url)),
  'utf8',
)

test("the page explains every setting of the cluster's file", () => {
  const names = [...patroni.matchAll(/^ {4,8}(?:- )?([a-z_-]+):? ?/gm)].map(([, name = '']) => name)
  const headings = ['dcs', 'postgresql', 'parameters', 'initdb', 'host', 'locale']
  const settings = names.filter((name) => !headings.includes(name))
  expect(settings.length).toBeGreaterThan(20)
  expect(settings.filter((name) => !page.includes(name))).toEqual([])
})
