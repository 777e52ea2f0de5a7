import { readdirSync } from 'node:fs'
import type { PolicyOverrides } from '@shop/core'
import { test } from 'vitest'
import { playPage } from './support/page-examples.js'

const pages = readdirSync(new URL('../../../../docs/start/drop/', import.meta.url))
  .map((name) => name.replace(/\.md$/, ''))
  .filter((page) => page !== 'README')

/** The policies with which a page starts the server. */
const policies: Readonly<Record<string, PolicyOverrides>> = {
  'limit-unpaid-orders': { order: { pendingPerUser: 2, balanceAtOrder: 'required' } },
}

test.each(pages)('the calls of docs/start/drop/%s.md get the answers that it shows', async (page) => {
  await playPage({ folder: 'drop', page, policies: policies[page] ?? {} })
})
