import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { drive } from '../figures/drive.js'
import { answerParent, argumentOfParent } from '../processes/answer-parent.js'
import type { ByHandOptions, ByHandQuestion, ByHandRun } from './questions.js'
import { writersOn } from './writers.js'

const { url, users } = argumentOfParent<ByHandOptions>()
const client = new pg.Client({ connectionString: url })
const connected = client.connect()
const writers = writersOn(client, { users, run: randomBytes(4).toString('hex') })

answerParent<ByHandQuestion, ByHandRun>(
  async ({ command, ms }) => {
    await connected
    return drive(writers[command], { callers: 1, ms })
  },
  () => client.end(),
)
