import type { Draw } from './draw.ts';

/**
 * Policies for the schema of `schema.ts`, as text: mostly well typed, with a wrong turn now and then. Whether one fits its schema is
 * for the two engines to say.
 */
const KINDS = [
  'bool',
  'long',
  'string',
  'user',
  'team',
  'photo',
  'record',
  'strings',
  'users',
  'date',
  'span',
  'decimal',
  'ip',
  'action',
] as const;
type Kind = (typeof KINDS)[number];

/** How often (of a hundred) an operand is of another kind than its operator takes. */
const WRONG = 1;

export function drawPolicy(draw: Draw): string {
  const conditions = Array.from(
    { length: 1 + draw.below(2) },
    () => `${draw.chance(85) ? 'when' : 'unless'} { ${bool(draw, 4)} }`,
  );
  return `${draw.of(['permit', 'forbid'])}(${scope(draw)}) ${conditions.join(' ')};`;
}

/** Scopes that some kind of request passes. */
const SCOPES = [
  'principal is User, action == Action::"read", resource is Photo',
  'principal is User, action in [Action::"read", Action::"list"], resource is Photo',
  'principal == User::"a", action == Action::"read", resource in Album::"a"',
  'principal in Team::"t", action == Action::"read", resource == Photo::"p"',
  'principal is User in Team::"t", action in Action::"reading", resource is Photo in Album::"a"',
  'principal, action == Action::"read", resource',
  'principal, action == Action::"write", resource is Photo',
  'principal is User, action in Action::"all", resource is Photo',
  'principal is User, action, resource',
  'principal, action, resource is Photo',
  'principal, action == Action::"paint", resource == Color::"red"',
  'principal, action in Other::Action::"every", resource',
  'principal, action, resource',
];
const PRINCIPALS = [
  'principal',
  'principal is Robot',
  'principal == Team::"t"',
  'principal is Other::Thing',
  'principal in Note::"n"',
];
const ACTIONS = [
  'action',
  'action == Action::"paint"',
  'action == Action::"all"',
  'action == Action::"raed"',
  'action in [Action::"reading", Action::"paint"]',
  'action in [Action::"all", Other::Action::"every"]',
];
const RESOURCES = [
  'resource',
  'resource == Color::"blue"',
  'resource is Note',
  'resource is Nothing',
  'resource is Album in Album::"a"',
];

function scope(draw: Draw): string {
  if (draw.chance(92)) return draw.of([...SCOPES, ...SCOPES.slice(0, 5)]);
  return [PRINCIPALS, ACTIONS, RESOURCES].map((clauses) => draw.of(clauses)).join(', ');
}

const WRITERS: Record<Kind, (draw: Draw, depth: number) => string> = {
  bool,
  long,
  string: text,
  user,
  team,
  photo,
  record,
  strings,
  users,
  date,
  span,
  decimal,
  ip,
  action,
};

/** An expression of the kind, or now and then of any other. */
function some(draw: Draw, kind: Kind, depth: number): string {
  const drawn = draw.chance(WRONG) ? draw.of(KINDS) : kind;
  if (depth > 0 && draw.chance(6))
    return `(if ${bool(draw, depth - 1)} then ${some(draw, drawn, depth - 1)} else ${some(draw, drawn, depth - 1)})`;
  if (draw.chance(3)) return `{a: ${WRITERS[drawn](draw, depth - 1)}, b: 1}.a`;
  return WRITERS[drawn](draw, depth - 1);
}

function bool(draw: Draw, depth: number): string {
  if (depth <= 0)
    return draw.of([
      'true',
      'false',
      '(principal has nick)',
      '(principal is User)',
      '(principal in Team::"t")',
      '(context.n > 1)',
      '(resource has size)',
      '(principal has home)',
      '(context has who)',
      'principal.admin',
      '(1 == 2)',
      '(action == Action::"read")',
      'principal.hasTag("k")',
    ]);
  const inner = depth - 1;
  const two = (kind: Kind): readonly [string, string] => [some(draw, kind, inner), some(draw, kind, inner)];
  switch (draw.below(22)) {
    case 0:
    case 1:
      return `(${some(draw, 'bool', inner)} && ${some(draw, 'bool', inner)})`;
    case 2:
      return `(${some(draw, 'bool', inner)} || ${some(draw, 'bool', inner)})`;
    case 3:
      return `!(${some(draw, 'bool', inner)})`;
    case 4:
      return `(if ${some(draw, 'bool', inner)} then ${some(draw, 'bool', inner)} else ${some(draw, 'bool', inner)})`;
    case 5:
    case 6:
    case 7:
      return guarded(draw, inner);
    case 8:
      return `(${two(draw.of(KINDS)).join(draw.of([' == ', ' != ']))})`;
    case 9:
      return `(${some(draw, draw.of(KINDS), inner)} == ${some(draw, draw.of(KINDS), inner)})`;
    case 10:
      return `(${two(draw.of(['long', 'long', 'date', 'span'])).join(draw.of([' < ', ' <= ', ' > ', ' >= ']))})`;
    case 11:
      return `(${some(draw, draw.of(['user', 'photo', 'team', 'action'] as const), inner)} in ${some(draw, draw.of(['user', 'team', 'users', 'photo', 'action'] as const), inner)})`;
    case 12:
      return `(${some(draw, draw.of(['user', 'photo', 'team', 'action'] as const), inner)} is ${draw.of(['User', 'Robot', 'Team', 'Photo', 'Other::Thing', 'Action'])}${draw.chance(20) ? ' in Team::"x"' : ''})`;
    case 13:
      return `(${some(draw, 'string', inner)} like "a*")`;
    case 14:
      return `${some(draw, 'strings', inner)}.contains(${some(draw, 'string', inner)})`;
    case 15:
      return `${some(draw, 'users', inner)}.${draw.of(['containsAll', 'containsAny'])}(${some(draw, 'users', inner)})`;
    case 16:
      return `${some(draw, draw.of(['strings', 'users'] as const), inner)}.isEmpty()`;
    case 17:
      return `(${some(draw, draw.of(['user', 'photo', 'record', 'team', 'action'] as const), inner)} has ${draw.of(['name', 'nick', 'size', 'home.zip', 'address.zip', 'nested.a.b', 'nested.a.b.c', 'boss.boss', 'a', 'name.x', 'zzz'])})`;
    case 18:
      return `${some(draw, 'decimal', inner)}.${draw.of(['lessThan', 'greaterThanOrEqual'])}(${some(draw, 'decimal', inner)})`;
    case 19:
      return draw.chance(50)
        ? `${some(draw, 'ip', inner)}.isInRange(${some(draw, 'ip', inner)})`
        : `${some(draw, 'ip', inner)}.isIpv4()`;
    case 20:
      return `(action in ${draw.of(['Action::"all"', '[Action::"reading", Action::"write"]', 'Other::Action::"every"', '[Action::"all", Other::Action::"every"]', 'Team::"t"', '[action]', 'Action::"nope"'])})`;
    default:
      return bool(draw, 0);
  }
}

const GUARDS: readonly (readonly [string, string])[] = [
  ['principal has nick', 'principal.nick == "a"'],
  ['principal has level', 'principal.level > 1'],
  ['principal has boss', 'principal.boss.age == 1'],
  ['principal has boss && principal.boss has boss', 'principal.boss.boss.admin'],
  ['principal has boss.boss', 'principal.boss.boss.admin'],
  ['principal has home.zip', 'principal.home.zip == 2'],
  ['principal.address has zip', 'principal["address"].zip == 2'],
  ['principal has address.zip', 'principal.address.zip == 2'],
  ['principal has nested.a.b.c', 'principal.nested.a.b.c == 3'],
  ['principal.nested.a has b', 'principal.nested.a.b has c'],
  ['principal has "odd name"', 'principal["odd name"] like "*"'],
  ['resource has size', 'resource.size < 3'],
  ['resource has name', 'resource.name == "x"'],
  ['context has who && context.who has nick', 'context.who.nick == "z"'],
  ['context has extra.note', 'context.extra.note == "z"'],
  ['principal.hasTag("k")', 'principal.getTag("k") == "v"'],
  ['principal.hasTag(principal.name)', 'principal.getTag(principal.name) == "v"'],
  ['resource.hasTag("k")', 'resource.getTag("k") == 1'],
  ['principal is User', 'principal.admin'],
  ['resource is Note', 'resource.text == "t"'],
  ['principal is User && principal has nick', 'principal.nick == "a"'],
];

/** A capability and its use, near each other, with something that may keep, move or lose it. */
function guarded(draw: Draw, depth: number): string {
  const [guard, use] = draw.of(GUARDS);
  const [, other] = draw.of(GUARDS);
  const more = bool(draw, depth - 1);
  return draw.of([
    `(${guard} && ${use})`,
    `(${guard} && ${use})`,
    `(${guard} && (${more} && ${use}))`,
    `(${more} && ${guard} && ${use})`,
    `(${guard} || ${use})`,
    `(!(${guard}) || ${use})`,
    `(if ${guard} then ${use} else ${more})`,
    `(if !(${guard}) then ${more} else ${use})`,
    `((${guard} || ${more}) && ${use})`,
    `((${guard} || ${guard}) && ${use})`,
    `((if ${guard} then ${more} else ${guard}) && ${use})`,
    `((if ${more} then ${guard} else ${guard} && ${more}) && ${use})`,
    `((${guard} && ${more} || ${guard}) && ${use})`,
    `((${guard} && true) && ${use})`,
    `((false || ${guard}) && ${use})`,
    `((if true then ${guard} else ${more}) && ${use})`,
    `(${guard} && ${other})`,
    `(${guard} && ${guard} && (${use} || ${more}))`,
    `(${use})`,
  ]);
}

function long(draw: Draw, depth: number): string {
  if (depth <= 0) return draw.of(['1', '-2', '0', 'principal.age', 'context.n', '9223372036854775807']);
  return draw.of([
    () => `(${some(draw, 'long', depth)} ${draw.of(['+', '-', '*'])} ${some(draw, 'long', depth)})`,
    () => `-(${some(draw, 'long', depth)})`,
    () => `${some(draw, 'user', depth)}.age`,
    () => `${some(draw, 'span', depth)}.${draw.of(['toDays', 'toMilliseconds'])}()`,
    () => `${some(draw, 'record', depth)}.b`,
    () => 'context.n',
  ])();
}

function text(draw: Draw, depth: number): string {
  if (draw.chance(1))
    return draw.of([
      'ip("no")',
      'ip(principal.name)',
      'duration("h")',
      'datetime("2024")',
      'decimal("1")',
      'Color::"blue"',
    ]);
  if (depth <= 0) return draw.of(['"a"', '"1.5"', 'principal.name', 'resource.name', 'principal.team.name']);
  return `${some(draw, draw.of(['user', 'photo', 'team'] as const), depth)}.name`;
}

function user(draw: Draw, depth: number): string {
  if (depth <= 0)
    return draw.of(['principal', 'principal', 'principal', 'User::"a"', 'resource.owner', 'Robot::"r"', 'context.who']);
  return draw.of([
    () => `${some(draw, 'photo', depth)}.owner`,
    () => `${some(draw, 'user', depth)}.boss`,
    () => 'principal',
    () => 'resource.owner',
  ])();
}

function team(draw: Draw, depth: number): string {
  return draw.of([
    () => 'principal.team',
    () => 'Team::"t"',
    () => 'Org::"o"',
    () => `${depth > 0 ? some(draw, 'user', depth) : 'principal'}.team`,
  ])();
}

function photo(draw: Draw): string {
  return draw.of(['resource', 'resource', 'resource', 'Photo::"p"', 'Album::"a"', 'Note::"n"', 'Color::"red"']);
}

function action(draw: Draw): string {
  return draw.of(['action', 'Action::"read"', 'Action::"all"', 'Other::Action::"poke"']);
}

function ip(draw: Draw): string {
  return draw.of(['ip("10.0.0.1")', 'context.ip', 'ip("10.0.0.0/8")', 'ip("::1")']);
}

function decimal(draw: Draw): string {
  return draw.of(['decimal("1.5")', 'principal.limit', 'decimal("0.25")']);
}

function date(draw: Draw, depth: number): string {
  if (depth > 0 && draw.chance(40))
    return `${some(draw, 'date', depth)}.${draw.chance(50) ? `offset(${some(draw, 'span', depth)})` : 'toDate()'}`;
  return draw.of(['context.at', 'datetime("2024-01-01")', 'datetime("2024-01-01T00:00:00Z")']);
}

function span(draw: Draw, depth: number): string {
  if (depth > 0 && draw.chance(40))
    return draw.chance(50)
      ? `${some(draw, 'date', depth)}.durationSince(${some(draw, 'date', depth)})`
      : `${some(draw, 'date', depth)}.toTime()`;
  return draw.of(['duration("1h")', 'duration("-3d2m")', 'duration("2s")']);
}

function record(draw: Draw, depth: number): string {
  if (depth <= 0)
    return draw.of([
      'principal.address',
      '{a: 1, b: 2}',
      '{"b": 1, a: 2}',
      '{a: 1}',
      '{}',
      'principal.nested',
      'context',
    ]);
  return draw.of([
    () => `{a: ${some(draw, draw.of(KINDS), depth)}, b: ${some(draw, 'long', depth)}}`,
    () => `{a: ${some(draw, 'bool', depth)}, b: ${some(draw, 'long', depth)}}`,
    () => `${some(draw, 'user', depth)}.address`,
  ])();
}

function strings(draw: Draw, depth: number): string {
  if (depth <= 0)
    return draw.of([
      'principal.roles',
      '["a"]',
      '["a", "b"]',
      '[]',
      '[1]',
      '[true, false]',
      '[{a: 1}, {a: 2}]',
      '[{a: 1}, {b: 2}]',
    ]);
  return `[${Array.from({ length: 1 + draw.below(3) }, () => some(draw, 'string', depth)).join(', ')}]`;
}

function users(draw: Draw, depth: number): string {
  if (depth <= 0)
    return draw.of([
      'principal.friends',
      '[User::"a"]',
      'resource.tagged',
      '[principal]',
      '[User::"a", Robot::"r"]',
      '[principal, resource]',
    ]);
  return `[${Array.from({ length: 1 + draw.below(3) }, () => some(draw, 'user', depth)).join(', ')}]`;
}
