import { callers } from './callers.js'
import { charge } from './charge.js'
import { companions } from './companions.js'
import { drop } from './drop.js'
import { crowd, fairness } from './fairness.js'
import { groups } from './groups.js'
import { growth } from './growth.js'
import { http } from './http.js'
import { importing } from './import.js'
import { issue } from './issue.js'
import { limit } from './limit.js'
import { liveMemory, memory } from './memory.js'
import { money } from './money.js'
import { checkout, pair } from './orders.js'
import type { Part } from './part.js'
import { ranking } from './ranking.js'
import { replicas } from './replicas.js'
import { route } from './route.js'
import { single } from './single.js'
import { start } from './start.js'
import { workers } from './workers.js'

/** In order of execution: short parts first. */
export const parts: readonly Part[] = [
  issue,
  pair,
  checkout,
  charge,
  limit,
  single,
  money,
  http,
  workers,
  drop,
  companions,
  importing,
  start,
  callers,
  groups,
  fairness,
  crowd,
  route,
  ranking,
  replicas,
  growth,
  memory,
  liveMemory,
]
