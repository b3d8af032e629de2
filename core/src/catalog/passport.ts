import type { Descriptor, Entity, Entry, Library } from './types.js'

/** A callback that is given the request in front only where `passReqToCallback` is set: known by how many it takes. */
const verify = (withRequest?: number): Entry => {
  const params = ['any', 'any', 'any', 'any']
  const entry = { from: 0, request: -1, requestByOption: true, params } as const
  return withRequest === undefined
    ? entry
    : {
        ...entry,
        requestWithArity: { [withRequest]: 0 },
        paramsWithArity: { [withRequest]: ['Request', ...params] },
      }
}

const strategies = {
  'passport-local': { Strategy: 'class PasswordStrategy' },
  'passport-http': { BasicStrategy: 'class PasswordStrategy' },
  'passport-jwt': { Strategy: 'class TokenStrategy' },
  'passport-http-bearer': { Strategy: 'class TokenStrategy' },
  'passport-custom': { Strategy: 'class CustomStrategy' },
  'passport-oauth2': { Strategy: 'class ProfileStrategy' },
  'passport-google-oauth20': { Strategy: 'class ProfileStrategy' },
  'passport-github2': { Strategy: 'class ProfileStrategy' },
  'passport-facebook': { Strategy: 'class ProfileStrategy' },
} as const satisfies Record<string, Record<string, Descriptor>>

const strategy = (entry: Entry): Entity => ({ construct: { entry } })

const noRequest: Entry = { from: 0, request: -1, params: [] }

export const passport = {
  name: 'passport',
  kind: 'framework',
  modules: ['passport', ...Object.keys(strategies), '@nestjs/passport'],
  mounts: { passport: 'express', '@nestjs/passport': 'nestjs' },
  evidence: [
    {
      what: 'The function given to a strategy is called while a request is authenticated; with passReqToCallback it is given the request first',
      where: 'https://www.passportjs.org/concepts/authentication/strategies/',
      since: '0.4.0',
    },
    {
      what: 'deserializeUser(fn) calls fn with what the session holds for each request that has one',
      where: 'https://www.passportjs.org/concepts/authentication/sessions/',
      since: '0.4.0',
    },
    {
      what: 'validate() of a class that extends PassportStrategy(Strategy) is the verify function of that strategy',
      where: 'https://docs.nestjs.com/recipes/passport',
      since: '9.0.0',
    },
  ],
  exports: {},
  exportsOf: {
    passport: { default: 'Passport', 'export=': 'Passport', Passport: 'class Passport' },
    ...strategies,
    '@nestjs/passport': { PassportStrategy: 'StrategyMixin' },
  },
  entities: {
    Passport: {
      members: {
        use: { returns: 'self' },
        authenticate: {},
        serializeUser: { entry: noRequest },
        deserializeUser: { entry: { ...noRequest, requestWithArity: { 3: 0 } } },
      },
    },
    PasswordStrategy: strategy(verify(4)),
    TokenStrategy: strategy(verify(3)),
    ProfileStrategy: strategy(verify()),
    CustomStrategy: strategy({ from: 0, request: 0, params: ['Request', 'any'] }),
    StrategyMixin: { call: { returns: 'class OwnStrategy' } },
    OwnStrategy: { overrides: { validate: { ...noRequest, requestByOption: true } } },
    Request: {
      extends: 'express#Request',
      request: { module: '@ctx-fix/runtime/express', named: 'req' },
    },
  },
} as const satisfies Library
