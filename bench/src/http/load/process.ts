import { drive } from '../../figures/drive.js'
import { answerParent, argumentOfParent } from '../../processes/answer-parent.js'
import { Connection } from './connection.js'
import type { LoadOptions, LoadQuestion, LoadRun, Watched, WatchQuestion } from './questions.js'
import { scenariosFor } from './scenarios.js'
import { Watchers } from './watchers.js'

const scenarios = scenariosFor(argumentOfParent<LoadOptions>())
const watchers = new Watchers()

const run = async (question: LoadQuestion): Promise<LoadRun> => {
  const { scenario, ports, connections: count, ms } = question
  const connections = Array.from({ length: count }, (_, index) => new Connection(ports[index % ports.length] as number))
  try {
    return await drive((caller) => scenarios[scenario](connections[caller] as Connection, question), {
      callers: count,
      ms,
    })
  } finally {
    for (const connection of connections) connection.close()
  }
}

const watch = async ({ port, productId, watchers: count }: WatchQuestion): Promise<Watched> => {
  const { states } = watchers
  watchers.close()
  await watchers.open(port, `/api/products/${productId}/live`, count)
  return { states }
}

answerParent<LoadQuestion | WatchQuestion, LoadRun | Watched>(
  async (question) => (question.kind === 'watch' ? watch(question) : run(question)),
  async () => watchers.close(),
)
