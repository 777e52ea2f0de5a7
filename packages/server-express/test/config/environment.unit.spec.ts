import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { environmentOf } from '../../src/config/environment.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-env-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a .env file sets missing variables only; an empty variable counts as set', async () => {
  await writeFile(
    join(folder, '.env'),
    '# comment\nPORT=1\nHOST="0.0.0.0"\nSHOP_POLICIES=\'{"a":1}\'\nLOG_LEVEL=warn\n',
  )
  expect(environmentOf(folder, { PORT: '2', LOG_LEVEL: '' })).toEqual({
    PORT: '2',
    HOST: '0.0.0.0',
    SHOP_POLICIES: '{"a":1}',
    LOG_LEVEL: '',
  })
})

test('a missing .env file changes nothing', () => {
  expect(environmentOf(folder, { PORT: '2' })).toEqual({ PORT: '2' })
})

test('an unreadable .env file causes an error', async () => {
  await mkdir(join(folder, '.env'))
  expect(() => environmentOf(folder, {})).toThrow(/^\.env cannot be read/)
})

test('a .env file that all users can write is refused', async () => {
  await writeFile(join(folder, '.env'), 'PORT=1')
  await chmod(join(folder, '.env'), 0o666)
  expect(() => environmentOf(folder, {})).toThrow(/^\.env is writable by all users/)
})

test.runIf(process.getuid?.() === 0)('refuses a file of another user, except the owner of the folder', async () => {
  await writeFile(join(folder, '.env'), 'PORT=1')
  await chown(join(folder, '.env'), 65_534, 65_534)
  expect(() => environmentOf(folder, {})).toThrow(/^\.env belongs to user 65534, not to user 0/)
  await chown(folder, 65_534, 65_534)
  expect(environmentOf(folder, {})).toEqual({ PORT: '1' })
})
