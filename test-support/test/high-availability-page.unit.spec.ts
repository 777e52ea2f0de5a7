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
