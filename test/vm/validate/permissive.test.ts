import { describe, expect, it } from 'vitest';
import { reviewText } from './compare.ts';
import { USER_READS_PHOTO } from './group.ts';

const codesOf = (condition: string, scope = USER_READS_PHOTO): readonly string[] => {
  const { errors } = reviewText(`permit(${scope}) when { ${condition} };`, 'permissive');
  return [...new Set(errors.map(({ code }) => code.replace('vm-validate.', '')))];
};

/** Either of two, at random as far as the checker knows. */
const either = (a: string, b: string): string => `(if principal.admin then ${a} else ${b})`;
const PERSON = either('principal', 'Robot::"r"');
const RECORD = either('{a: 1, b: true}', '{a: 2, c: "x"}');

describe('permissive mode joins what strict mode keeps apart', () => {
  it.each([
    // Entities of two types have the attributes that both declare, of a type that holds both.
    [`${PERSON}.name == "a"`, []],
    [`${PERSON}.age == 1`, []],
    [`${PERSON}.model == "a"`, ['unknown-attribute']],
    [`${PERSON}.nick == "a"`, ['unknown-attribute']],
    [`${PERSON} has nick && ${PERSON}.nick == 1`, ['unknown-attribute']],
    [`${PERSON} has model || principal.nothing`, ['unknown-attribute']],
    [`${PERSON} has nothing && principal.nothing`, []],
    [`${PERSON} is User && principal.nothing`, ['unknown-attribute']],
    [`${PERSON} is Team && principal.nothing`, []],
    [`${PERSON} in Team::"t" && principal.nothing`, ['unknown-attribute']],
    [`${either('principal', 'resource')} in Org::"o" && principal.nothing`, ['unknown-attribute']],
    [`Team::"t" in ${either('principal', 'resource')} && principal.nothing`, []],
    [`${PERSON} == principal && principal.nothing`, ['unknown-attribute']],
    [`${PERSON} == resource && principal.nothing`, []],
    [`[principal, resource].contains(principal)`, []],
    [`principal in [Team::"t", Org::"o"]`, []],
    [`principal in [Photo::"p", Note::"n"] && principal.nothing`, []],
    [`action in [Action::"all", Other::Action::"every"] || principal.nothing`, []],
    // Records keep what they share, and may hold more.
    [`${RECORD}.a == 1`, []],
    [`${RECORD}.b`, ['unknown-attribute']],
    [`${RECORD} has a || principal.nothing`, []],
    [`${RECORD} has b && principal.nothing`, ['unknown-attribute']],
    [`${RECORD} has d && principal.nothing`, ['unknown-attribute']],
    [`${either('{a: 1}', '{a: "x"}')}.a == 1`, ['unknown-attribute']],
    [`${either('principal.address', '{street: "s", zip: 1}')}.zip == 1`, ['optional-attribute']],
    [`${either('{a: true}', '{a: false}')}.a`, []],
    // What has no common type at all is still an error.
    [`${either('1', '"a"')} == 1`, ['incompatible-types']],
    [`${either('principal', '{a: 1}')} == principal`, ['incompatible-types']],
    [`[1, "a"].contains(1)`, ['incompatible-types']],
    // Comparing what cannot be equal is allowed, and is not known to be false: two sets may be empty.
    [`principal == 1`, []],
    [`principal.roles == [1]`, []],
    [`[1] == ["a"] && principal.nothing`, ['unknown-attribute']],
    [`principal.roles.contains(1)`, []],
    [`principal.roles.containsAny([1])`, []],
    [`principal.roles.containsAny(1)`, ['wrong-type']],
    [`[].isEmpty()`, []],
    [`principal in []`, []],
    [`action in [] && principal.nothing`, []],
    [`principal.roles.containsAll([])`, []],
    [`[[], [1]].contains([2])`, []],
    [`[[], [1]].contains(principal.nothing)`, ['unknown-attribute']],
    // A constructor may be given any text; a literal is still read.
    [`ip(principal.name).isIpv4()`, []],
    [`ip(principal.age).isIpv4()`, ['wrong-type']],
    [`ip("no").isIpv4()`, ['bad-extension-value']],
    [`decimal() == decimal("1.0")`, ['wrong-arguments']],
    // Tags of two types: those that have any.
    [
      `${either('principal', 'resource')}.hasTag("k") && ${either('principal', 'resource')}.getTag("k") == 1`,
      ['incompatible-types'],
    ],
    [
      `${either('principal', 'principal.team')}.hasTag("k") && ${either('principal', 'principal.team')}.getTag("k") == "a"`,
      [],
    ],
    [`${either('principal', 'principal.team')}.getTag("k") == "a"`, ['optional-tag']],
    [`${either('principal.team', 'Album::"a"')}.getTag("k") == "a"`, ['no-tags']],
    [`${either('principal.team', 'Album::"a"')}.hasTag("k") && 1`, []],
    // Everything else as in strict mode.
    [`principal.nick == "a"`, ['optional-attribute']],
    [`1 + "a" == 2`, ['wrong-type']],
    [`principal == Usr::"a"`, ['unknown-entity-type']],
  ])('%s: %j', (condition, expected) => {
    expect(codesOf(condition)).toEqual(expected);
  });
});
