import { answerWithPort } from './answer-with-port.js'
import { bareExpress } from './bare-app.js'

answerWithPort(bareExpress().listen(0, '127.0.0.1'))
