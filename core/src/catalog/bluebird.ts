import type { Entity, Member, Sink, Variant } from './types.js'

/**
 * Bluebird runs the callbacks of all promises that are settled together in the context of the first: a statement
 * would be sent with the signal of another request, and be cancelled when that one's client leaves. Measured on
 * PostgreSQL with sixty requests at a time: of their statements 59 were sent in another's context by Sequelize
 * 5.22, about thirty by Knex 0.19.5, 15 by Knex 0.20.0, and none by Knex 0.21.
 */
export function bluebirdVariant(
  name: string,
  before: string,
  entities: Readonly<Record<string, Entity>>,
): Variant {
  const sink: Sink = {
    carriers: [
      {
        kind: 'none',
        why: `before version ${before} its promises are Bluebird's, which mix up the requests that wait at one time, so that another's signal would cancel the statement: upgrade ${name}`,
      },
    ],
    effect: 'runs-on',
  }
  const mute = (member: Member): Member => (member.sink ? { ...member, sink } : member)
  return {
    when: { package: name, before },
    what: 'Statements take no signal: Bluebird would hand them that of another request',
    entities: Object.fromEntries(
      Object.entries(entities).map(([key, each]): [string, Entity] => {
        const { members = {}, awaited, call, prefixed } = each
        return [
          key,
          {
            ...each,
            members: Object.fromEntries(
              Object.entries(members).map(([own, member]) => [own, mute(member)]),
            ),
            ...(awaited ? { awaited: sink } : {}),
            ...(call ? { call: mute(call) } : {}),
            ...(prefixed ? { prefixed: { ...prefixed, member: mute(prefixed.member) } } : {}),
          },
        ]
      }),
    ),
  }
}
