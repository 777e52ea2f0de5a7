import { drive } from '../../figures/drive.js'
import { answerParent, argumentOfParent } from '../../processes/answer-parent.js'
import { Connection } from './connection.js'
import type { ChurnQuestion, LoadOptions, LoadQuestion, LoadRun, Watched, WatchQuestion } from './questions.js'
import { scenariosFor } from './scenarios.js'
import { Watchers } from './watchers.js'

const scenarios = scenariosFor(argumentOfParent<LoadOptions>())
const watchers = new Watchers()

const run = async (question: LoadQuestion): Promise<LoadRun> => {
  const { scenario, ports, connections: count, ms, product, isRouted = false } = question
  const servers = ports.length
  const connections = Array.from({ length: count }, (_, index) => new Connection(ports[index % ports.length] as number))
  try {
    return await drive(
      (caller) =>
        scenarios[scenario](connections[caller] as Connection, {
          product,
          share: isRouted ? { server: caller % servers, servers } : undefined,
        }),
      { callers: count, ms },
    )
  } finally {
    for (const connection of connections) connection.close()
  }
}

const pathOf = (productId: string): string => `/api/products/${productId}/live`

const watch = async ({ port, productId, watchers: count }: WatchQuestion): Promise<Watched> => {
  const { states } = watchers
  watchers.close()
  await watchers.open(port, pathOf(productId), count)
  return { states }
}

const churn = async ({ port, productId, watchers: count, ms }: ChurnQuestion): Promise<Watched> => {
  await watchers.churn(port, pathOf(productId), { count, ms })
  return { states: watchers.states }
}

answerParent<LoadQuestion | WatchQuestion | ChurnQuestion, LoadRun | Watched>(
  async (question) => {
    if (question.kind === 'watch') return watch(question)
    return question.kind === 'churn' ? churn(question) : run(question)
  },
  async () => watchers.close(),
)
