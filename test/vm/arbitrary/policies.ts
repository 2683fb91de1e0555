import fc from 'fast-check';

/** Policy sets over the small world of `world.ts`: many of their conditions fail, err, or read entities. */
const word = fc.constantFrom('a', 'b', 'c');
const whole = fc.integer({ min: -2, max: 5 }).map(String);
const variable = fc.constantFrom('principal', 'resource');
const team = word.map((id) => `Team::"${id}"`);

const long = fc.oneof(
  whole,
  fc.constantFrom('context.n', 'principal.age', 'resource.size', 'context.missing', 'resource.owner.age'),
  fc.tuple(whole, fc.constantFrom('+', '-', '*'), fc.constant('context.n')).map((parts) => parts.join(' ')),
);
const list = fc.oneof(
  fc.array(whole, { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  fc.constantFrom('context.list', 'resource.list', 'principal.list', '[context.list, [1]]'),
);

const test = fc.oneof(
  fc.constantFrom('true', 'false', 'context.flag', 'principal.active', 'principal == resource.owner', '1 == context'),
  fc.constantFrom(
    'principal has age',
    'context has deep.er',
    'resource has "no such"',
    'principal is User in Team::"a"',
  ),
  fc.constantFrom('resource.hasTag(context.s)', 'resource.getTag(context.s).uses != 0', 'context.s like "*a*b"'),
  fc.constantFrom('ip(context.s).isIpv4()', 'decimal("1.5").lessThan(decimal("1.50"))', 'resource in resource.owner'),
  fc.tuple(long, fc.constantFrom('<', '<=', '>', '>=', '==', '!='), long).map((parts) => parts.join(' ')),
  fc.tuple(variable, team).map(([who, where]) => `${who} in ${where}`),
  fc.tuple(variable, team, team).map(([who, one, other]) => `${who} in [${one}, ${other}]`),
  fc.tuple(list, fc.constantFrom('containsAll', 'containsAny'), list).map(([a, method, b]) => `${a}.${method}(${b})`),
  fc.tuple(list, fc.oneof(long, list)).map(([a, b]) => `${a}.contains(${b})`),
);

const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    test,
    fc.array(tie('condition'), { minLength: 2, maxLength: 3 }).map((all) => `(${all.join(' && ')})`),
    fc.array(tie('condition'), { minLength: 2, maxLength: 3 }).map((all) => `(${all.join(' || ')})`),
    tie('condition').map((inner) => `!(${inner})`),
    fc.tuple(tie('condition'), tie('condition'), tie('condition')).map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
  ),
}));

const whom = fc.oneof(
  fc.constantFrom('', '', ' is User', ' is Doc', ' == User::"a"', ' == Doc::"a"', ' is User in Team::"b"'),
  team.map((where) => ` in ${where}`),
);
const action = fc.constantFrom(
  '',
  ' == Action::"read"',
  ' == Action::"write"',
  ' in Action::"any"',
  ' in [Action::"read", Action::"any"]',
  ' in []',
);

const policy = fc
  .record({
    effect: fc.constantFrom('permit', 'permit', 'forbid'),
    principal: whom,
    action,
    resource: whom,
    conditions: fc.array(fc.tuple(fc.constantFrom('when', 'unless'), condition), { maxLength: 3 }),
  })
  .map(({ effect, principal, action: act, resource, conditions }) => {
    const bodies = conditions.map(([kind, body]) => `${kind} { ${body} }`).join(' ');
    return `${effect} (principal${principal}, action${act}, resource${resource}) ${bodies};`;
  });

/** Each policy with an id of its own: the order of the text is not the order of ids. */
export const policyTexts: fc.Arbitrary<readonly string[]> = fc
  .uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 6 })
  .chain((ids) => fc.tuple(...ids.map((id) => policy.map((text) => `@id("p${id}") ${text}`))));

export { condition };
