import { test } from 'vitest'
import { playPage } from './support/page-examples.js'

test('the calls of docs/start/metadata.md get the answers that it shows', async () => {
  await playPage({ folder: '.', page: 'metadata' })
})
