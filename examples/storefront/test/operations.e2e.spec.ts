import { describe } from 'vitest'
import { auditJourney } from './journeys/audit.js'
import { balancesJourney } from './journeys/balances.js'
import { catalogJourney } from './journeys/catalog.js'
import { couponDeskJourney } from './journeys/coupon-desk.js'
import { dropBoardJourney } from './journeys/drop-board.js'
import { ordersJourney } from './journeys/orders.js'
import { statementJourney } from './journeys/statement.js'
import { useSuite } from './support/suite.js'

// Each journey has a server of its own, so that no journey sees what another one has done.
describe('balances', () => balancesJourney(useSuite()))
describe('the money of orders', () => ordersJourney(useSuite()))
describe('the catalogue of the operator', () => catalogJourney(useSuite()))
describe('the drops of the operator', () => dropBoardJourney(useSuite()))
describe('the coupons of the operator', () => couponDeskJourney(useSuite()))
describe('the audit', () => auditJourney(useSuite()))
describe('the statement', () => statementJourney(useSuite()))
