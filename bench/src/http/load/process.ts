import { drive } from '../../figures/drive.js'
import { answerParent, argumentOfParent } from '../../processes/answer-parent.js'
import { Connection } from './connection.js'
import type { LoadOptions, LoadQuestion, LoadRun } from './questions.js'
import { scenariosFor } from './scenarios.js'

const scenarios = scenariosFor(argumentOfParent<LoadOptions>())

answerParent<LoadQuestion, LoadRun>(
  async ({ scenario, ports, connections: count, ms }) => {
    const connections = Array.from(
      { length: count },
      (_, index) => new Connection(ports[index % ports.length] as number),
    )
    try {
      return await drive((caller) => scenarios[scenario](connections[caller] as Connection), { callers: count, ms })
    } finally {
      for (const connection of connections) connection.close()
    }
  },
  async () => {},
)
