import { parseSchema } from '../../../src/vm/schema/read-schema.ts';
import { accepted } from '../support.ts';

/** The schema of the tables and of the generator: one of everything that checking depends on. */
const SCHEMA = `
type Address = { street: String, zip?: Long };

entity Org { name: String, vat?: Long };
entity Team in [Org] { name: String, lead?: User };
entity User in [Team] {
  name: String,
  age: Long,
  admin: Bool,
  nick?: String,
  level?: Long,
  boss?: User,
  team: Team,
  address: Address,
  home?: Address,
  roles: Set<String>,
  scores: Set<Long>,
  friends: Set<User>,
  "odd name"?: String,
  born?: datetime,
  limit: decimal,
  nested: { a: { b?: { c?: Long } }, flag?: Bool },
} tags String;
entity Robot in [Team] { name: String, age: Long, nick?: Long, model: String };
entity Album in [Album] { name: String, owner: User };
entity Photo in [Album] { name: String, owner: User, size?: Long, tagged: Set<User> } tags Long;
entity Note { text: String } tags Set<String>;
entity Color enum ["red", "green"];

action all;
action reading in [all];
action read, list in [reading] appliesTo {
  principal: [User],
  resource: [Photo, Album],
  context: { ip: ipaddr, at: datetime, for?: duration, n: Long, flag: Bool, who?: User, extra?: { note?: String } },
};
action write in [all] appliesTo { principal: [User, Robot], resource: [Photo, Note], context: { n: Long } };
action paint appliesTo { principal: User, resource: Color };

namespace Other {
  entity Thing;
  action poke in [every] appliesTo { principal: Thing, resource: Thing };
  action every;
}
`;

export const schema = { text: SCHEMA, schema: accepted(parseSchema(SCHEMA)) };
