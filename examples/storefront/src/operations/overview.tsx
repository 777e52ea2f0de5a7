import { PageHeading } from '../parts/page-heading.js'
import { words } from '../words/words.js'
import { Audit } from './audit.js'
import { Metrics } from './metrics.js'
import { Outbox } from './outbox.js'
import { Ranking } from './ranking.js'

/** The state of the server and of its data. */
export const Overview = () => (
  <>
    <PageHeading text={words.value.areas.operations} />
    <p class="lead">{words.value.operations.intro}</p>
    <Audit />
    <div class="board">
      <Metrics />
      <Outbox />
      <Ranking />
    </div>
  </>
)
