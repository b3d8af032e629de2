import type { Library } from './types.js'

export const inversify = {
  name: 'inversify',
  kind: 'platform',
  modules: ['inversify'],
  evidence: [
    {
      what: 'container.bind(token) is followed by what the token stands for: to(Class), toConstantValue(value), toDynamicValue(factory), toService(token)',
      where: 'https://inversify.io/docs/api/binding-syntax/',
      since: '5.0.0',
    },
    {
      what: '@inject(token) fills a parameter or field with that, and container.get(token) gives it',
      where: 'https://inversify.io/docs/api/decorator/',
      since: '5.0.0',
    },
  ],
  exports: { Container: 'class Container', inject: 'Inject' },
  entities: {
    Inject: { injects: true },
    Container: {
      members: {
        bind: { returns: 'Binding' },
        rebind: { returns: 'Binding' },
        get: { provided: true },
        getAsync: { provided: true },
      },
    },
    Binding: {
      members: {
        to: { provides: 'useClass' },
        toConstantValue: { provides: 'useValue' },
        toDynamicValue: { provides: 'useFactory' },
        toService: { provides: 'useExisting' },
      },
    },
  },
} as const satisfies Library

export const tsyringe = {
  name: 'tsyringe',
  kind: 'platform',
  modules: ['tsyringe'],
  evidence: [
    {
      what: 'registerSingleton(token, Class) and registerInstance(token, value) say what a token stands for; @inject(token) fills a parameter with it, and resolve(token) gives it',
      where: 'https://github.com/microsoft/tsyringe#register',
      since: '4.0.0',
    },
  ],
  exports: { container: 'Container', inject: 'Inject', DependencyContainer: 'class Container' },
  entities: {
    Inject: { injects: true },
    Container: {
      members: {
        createChildContainer: { returns: 'self' },
        registerSingleton: { provides: 'useClass', returns: 'self' },
        registerInstance: { provides: 'useValue', returns: 'self' },
        resolve: { provided: true },
      },
    },
  },
} as const satisfies Library
