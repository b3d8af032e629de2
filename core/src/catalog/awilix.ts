import type { Library } from './types.js'

export const awilix = {
  name: 'awilix',
  kind: 'platform',
  modules: ['@fastify/awilix', 'awilix'],
  evidence: [
    {
      what: 'Cradle is declared by the application; app.diContainer and request.diScope hold a container whose cradle it is',
      where: 'https://github.com/fastify/fastify-awilix#typescript-usage',
      since: '3.0.0',
    },
  ],
  exports: { Cradle: 'class Cradle', diContainer: 'Container', createContainer: 'Create' },
  entities: {
    Cradle: {},
    Container: { members: { cradle: { type: 'Cradle' }, createScope: { returns: 'self' } } },
    Create: { call: { returns: 'Own<type0>' } },
    Own: { members: { cradle: { type: 'T0' }, createScope: { returns: 'self' } } },
  },
} as const satisfies Library
