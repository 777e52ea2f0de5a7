import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type {} from '@shop/test-support/redis'
import { expect, inject, test } from 'vitest'

const program = fileURLToPath(new URL('../run.mjs', import.meta.url))

test('servers and Redis are killed during eight seconds of load: no law is broken and nothing acknowledged is lost', async () => {
  const { path, libraries } = inject('redisProgram')
  const env = { ...process.env, REDIS_SERVER_BIN: path, ...(libraries && { LD_LIBRARY_PATH: libraries }) }
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--seconds', '8', '--users', '24'], { env })
  expect(stdout).toMatch(/^acknowledged: [1-9]\d* orders, [1-9]\d* coupons; lost or wrong: 0$/m)
  expect(stdout).toMatch(/^audit: no law is broken$/m)
  expect(stdout.match(/ responses\/s /g)).toHaveLength(8)
}, 150_000)
