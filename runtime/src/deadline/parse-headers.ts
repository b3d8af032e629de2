/**
 * Headers in which a caller says how long it will wait, each with a strict reading. All are relative:
 * the clocks of two machines need not agree.
 */
export type DeadlineHeader = 'x-request-timeout' | 'grpc-timeout' | 'x-envoy-expected-rq-timeout-ms'

/** What a number without a unit means in X-Request-Timeout, for which there is no standard. */
export type BareUnit = 'ms' | 's'

// A number of at most twelve digits is exact as a double, fraction included, whatever the unit.
const REQUEST_TIMEOUT = /^(-?)(\d{1,12}(?:\.\d{1,6})?)(ms|s)?$/
const GRPC_TIMEOUT = /^(\d{1,8})([HMSmun])$/
const ENVOY_TIMEOUT = /^(-?)(\d{1,12})$/

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests, TimeoutUnit */
const GRPC_UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
}

/**
 * Milliseconds in an `X-Request-Timeout` such as `1500ms` or `1.5s`; a negative time is spent: 0.
 *
 * @param bareUnit unit of a number that has none; without it such a number is refused.
 * @returns `undefined` for anything else. Never throws.
 */
export function parseRequestTimeout(value: unknown, bareUnit?: BareUnit): number | undefined {
  const match = matchOf(REQUEST_TIMEOUT, value)
  const unit = match?.[3] ?? bareUnit
  if (match === undefined || unit === undefined) return undefined
  return match[1] === '-' ? 0 : Number(match[2]) * (unit === 's' ? 1_000 : 1)
}

/** Milliseconds in a `grpc-timeout` such as `250m`; `undefined` for anything else. Never throws. */
export function parseGrpcTimeout(value: unknown): number | undefined {
  const [, amount, unit = ''] = matchOf(GRPC_TIMEOUT, value) ?? []
  const unitMs = GRPC_UNIT_MS[unit]
  return unitMs === undefined ? undefined : Number(amount) * unitMs
}

/**
 * Milliseconds in an `x-envoy-expected-rq-timeout-ms`; `undefined` for anything else. Never throws.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
 */
export function parseEnvoyTimeout(value: unknown): number | undefined {
  const match = matchOf(ENVOY_TIMEOUT, value)
  if (match === undefined) return undefined
  return match[1] === '-' ? 0 : Number(match[2])
}

function matchOf(pattern: RegExp, value: unknown): RegExpExecArray | undefined {
  return typeof value === 'string' ? (pattern.exec(value) ?? undefined) : undefined
}
