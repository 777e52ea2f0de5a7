import { chmod, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'
import { expect, onTestFinished, test } from 'vitest'

test('changing a symbolic link later does not redirect the embedded Postgres', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shop-linked-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o711)
  const link = join(folder, 'link')
  await symlink('.', link)
  const postgres = await startEmbeddedPostgres({ dataDir: link })
  onTestFinished(() => postgres.stop())
  expect(postgres.dataDir).toBe(await realpath(folder))
  await rm(link)
  await mkdir(link)
  await postgres.stop()
  expect(await readdir(folder)).not.toContain('owner.json')
})
