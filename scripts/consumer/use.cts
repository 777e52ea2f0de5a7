import core = require('@shop/core')
import commands = require('@shop/core/commands')
import memory = require('@shop/core/in-memory')
import conformance = require('@shop/core/conformance')
import store = require('@shop/core/store')
import testing = require('@shop/core/testing')
import server = require('@shop/server-express')
import client = require('@shop/server-express/client')
import jobs = require('@shop/server-express/jobs')
import postgres = require('@shop/server-express/embedded-postgres')
import knex = require('@shop/adapter-knex')
import redis = require('@shop/adapter-redis')

const shop: core.Shop = core.createShop({ store: memory.inMemoryStore() })
const others = { shop, commands, store, conformance, testing, server, client, jobs, postgres, knex, redis }
export = others
