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

test('a .env file fills in what is not set; what is really set wins, an empty value included', async () => {
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

test('no file is as good as an empty one', () => {
  expect(environmentOf(folder, { PORT: '2' })).toEqual({ PORT: '2' })
})

test('a file that cannot be read is said', async () => {
  await mkdir(join(folder, '.env'))
  expect(() => environmentOf(folder, {})).toThrow(/^\.env cannot be read/)
})

test('a file that all users can change is refused', async () => {
  await writeFile(join(folder, '.env'), 'PORT=1')
  await chmod(join(folder, '.env'), 0o666)
  expect(() => environmentOf(folder, {})).toThrow(/^\.env is writable by all users/)
})

test.runIf(process.getuid?.() === 0)(
  'a file of another user is refused, but for whom the folder belongs to',
  async () => {
    await writeFile(join(folder, '.env'), 'PORT=1')
    await chown(join(folder, '.env'), 65_534, 65_534)
    expect(() => environmentOf(folder, {})).toThrow(/^\.env belongs to user 65534, not to user 0/)
    await chown(folder, 65_534, 65_534)
    expect(environmentOf(folder, {})).toEqual({ PORT: '1' })
  },
)
