import { useEffect, useState } from 'preact/hooks'
import { Chart } from '../parts/chart.js'
import { Refusal } from '../parts/notice.js'
import { shop } from '../state/session.js'
import { number, words } from '../words/words.js'
import { type ChartName, chartValue, type Reading, readMetrics } from './read-metrics.js'

const everyMs = 2_000
const kept = 45

const charts: readonly ChartName[] = ['requests', 'latency', 'groups', 'waiting', 'outbox', 'memory']

/** Small charts of server metrics, updated while they are visible. */
export const Metrics = () => {
  const { operations } = words.value
  const [readings, setReadings] = useState<readonly Reading[]>([])
  const [failure, setFailure] = useState<unknown>()
  useEffect(() => {
    let isHere = true
    const read = async () => {
      try {
        const text = await shop.get('/metrics', { parseAs: 'text' })
        if (!isHere) return
        setReadings((before) => [...before.slice(-kept), readMetrics(text, performance.now())])
        setFailure(undefined)
      } catch (error) {
        if (isHere) setFailure(error)
      }
    }
    void read()
    const timer = setInterval(() => void read(), everyMs)
    return () => {
      isHere = false
      clearInterval(timer)
    }
  }, [])
  return (
    <section class="card">
      <h2>{operations.metrics}</h2>
      <p class="soft">{operations.metricsHint}</p>
      {failure !== undefined && <Refusal failure={failure} />}
      <div class="charts">
        {charts.map((name) => {
          const points = readings.slice(1).map((now, index) => ({
            x: kept - readings.length + 1 + index,
            y: chartValue(name, readings[index] as Reading, now),
          }))
          const last = points.at(-1)
          return (
            <figure key={name}>
              <figcaption>
                <span>{operations.charts[name]}</span>
                <b>{last ? number(last.y) : '–'}</b>
              </figcaption>
              <Chart label={operations.charts[name]} points={points} maxX={kept} />
            </figure>
          )
        })}
      </div>
    </section>
  )
}
