import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { archiveCommand, baseBackupOptions, recoverySettings } from '../postgres-archive.js'

const textOf = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')

const page = textOf('docs/operate/high-availability.md')

test('the page shows the commands that the test of a restore runs', () => {
  const archive = '/backup/log'
  expect(page).toContain(`archive_command = '${archiveCommand(archive)}'`)
  expect(page).toContain(`pg_basebackup ${baseBackupOptions} `)
  expect(page).toContain(recoverySettings(archive, '2030-01-01 03:00:00.25+00').join('\n'))
})

/** Names and places, groups of settings, and what is for a small machine only. */
const needNoReason =
  /^(scope|bootstrap|dcs|postgresql|parameters|initdb|locale|mode|checkpoint_timeout|shared_buffers|unix_socket_directories)$/

test('the page gives a reason for every setting of Patroni in the example', () => {
  const lines = textOf('examples/ha-cluster/config/patroni.yaml').split('\n')
  const settings = lines.flatMap((line) => /^[\s-]*([\w-]+):/.exec(line)?.[1] ?? [])
  expect(settings.length).toBeGreaterThan(20)
  expect(settings.filter((name) => !needNoReason.test(name) && !page.includes(name))).toEqual([])
})

const isPlace = /^(global|defaults|listen|bind|server|maxconn|mode|default-server|tcp-check)$/

test('the page gives a reason for every setting of HAProxy in the example', () => {
  const lines = textOf('examples/ha-cluster/config/haproxy.cfg')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const settings = lines.flatMap((line) => {
    const [first = '', second = ''] = line.split(' ')
    if (first === 'default-server') return ['inter', 'fall', 'rise', 'on-marked-down shutdown-sessions']
    if (isPlace.test(first)) return []
    return /^(option|timeout)$/.test(first) ? [`${first} ${second}`] : [first]
  })
  expect(settings.length).toBeGreaterThan(15)
  expect(settings.filter((name) => !page.includes(name))).toEqual([])
})
