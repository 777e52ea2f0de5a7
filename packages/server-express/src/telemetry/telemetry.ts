import {
  context,
  isSpanContextValid,
  type Span,
  type SpanContext,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { type CommandMiddleware, type ExecutorObserver, isShopUnavailable } from '@shop/core'

export interface TelemetryOptions {
  /** Makes the tracer. @default the provider that is registered with `@opentelemetry/api` */
  readonly tracerProvider?: TracerProvider | undefined
}

/** Give both to `createShop`, or to `createServer`. */
export interface Telemetry {
  /** Makes a span `shop.command` for each call of a command. Put it first: its span includes what is inside it. */
  readonly middleware: CommandMiddleware
  /** Makes a span `shop.group` for each group that commits, and links the two. */
  readonly observer: Required<Pick<ExecutorObserver, 'onGroup'>>
}

const traceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`

const fail = (span: Span, error: unknown): void => {
  span.setAttribute('shop.command.outcome', isShopUnavailable(error) ? 'unavailable' : 'error')
  span.recordException(error instanceof Error ? error : String(error))
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/**
 * Traces the commands of a shop with OpenTelemetry. Each call becomes a span `shop.command` under the active span; its
 * events carry its trace context. A refusal is an outcome, not an error.
 *
 * A group commits commands of several traces. Its span `shop.group` is a child of the first recorded one, so that a sampler
 * keeps them together, and every command of the group has a link to it.
 *
 * @example
 * const { middleware, observer } = telemetry()
 * const shop = createShop({ store, middleware: [middleware], observer })
 */
export const telemetry = ({ tracerProvider }: TelemetryOptions = {}): Telemetry => {
  const tracer = (tracerProvider ?? trace).getTracer('@shop/server-express')
  /** Recorded spans of commands that run, by the trace context under which their group knows them. */
  const running = new Map<string, Span>()

  return {
    async middleware(call, next) {
      const { name } = call.command
      const span = tracer.startSpan('shop.command', { attributes: { 'shop.command.name': name } })
      const spanContext = span.spanContext()
      const key = isSpanContextValid(spanContext) ? traceparent(spanContext) : call.traceparent
      if (key !== undefined && span.isRecording()) running.set(key, span)
      try {
        const traced = { ...call, traceparent: key }
        const outcome = await context.with(trace.setSpan(context.active(), span), () => next(traced))
        span.setAttribute('shop.command.outcome', outcome.ok ? 'ok' : outcome.refusal.code)
        span.setAttribute('shop.command.replayed', outcome.replayed)
        return outcome
      } catch (error) {
        fail(span, error)
        throw error
      } finally {
        if (key !== undefined && running.get(key) === span) running.delete(key)
        span.end()
      }
    },
    observer: {
      onGroup({ size, ms, traceparents }) {
        const commands = traceparents.flatMap((key) => running.get(key) ?? [])
        const [first] = commands
        if (!first) return
        const attributes = { 'shop.group.size': size }
        const endTime = Date.now()
        const options = {
          attributes,
          startTime: endTime - ms,
          links: commands.map((command) => ({ context: command.spanContext() })),
        }
        const group = tracer.startSpan('shop.group', options, trace.setSpan(context.active(), first))
        for (const command of commands) {
          command.setAttributes(attributes)
          command.addLink({ context: group.spanContext() })
        }
        group.end(endTime)
      },
    },
  }
}
