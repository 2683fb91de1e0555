import { describe, expect, it } from 'vitest';
import { positionOf } from '../../../src/vm/syntax/position.ts';
import { reviewText } from './compare.ts';
import { USER_READS_PHOTO } from './group.ts';

const policyOf = (condition: string, scope = USER_READS_PHOTO): string => `permit(${scope})\nwhen { ${condition} };`;

describe('what is said of a problem', () => {
  it.each([
    [
      'principal.nmae == "a"',
      'unknown-attribute',
      'nmae',
      'User has no attribute "nmae" that can be read.',
      'did you mean `name`?',
    ],
    [
      'principal.nick == "a"',
      'optional-attribute',
      'nick',
      'The attribute "nick" of User is optional: ask with "has" before reading it.',
    ],
    ['principal.age + "a" == 1', 'wrong-type', '"a"', '+ takes Long, and this is String.'],
    [
      'principal.age < principal.born',
      'optional-attribute',
      'born',
      'The attribute "born" of User is optional: ask with "has" before reading it.',
    ],
    ['context.at < 1', 'wrong-type', '1', '< after datetime takes datetime, and this is Long.'],
    ['"a" < 1', 'wrong-type', '"a"', 'Only Long, datetime and duration can be compared by size, and this is String.'],
    [
      'principal.name == 1',
      'incompatible-types',
      '==',
      'Both sides of == must have one type, and they have String and Long.',
    ],
    [
      '[1, "a"].isEmpty()',
      'incompatible-types',
      '[1',
      'All items of a set must have one type, and they have Long and String.',
    ],
    [
      'principal is Usr',
      'unknown-entity-type',
      'is',
      'The schema declares no entity type "Usr".',
      'did you mean `User`?',
    ],
    [
      'action == Action::"raed"',
      'unknown-action',
      'Action::"raed"',
      'The schema declares no action Action::"raed".',
      'did you mean `Action::"read"`?',
    ],
    [
      'action == Other::Action::"read"',
      'unknown-action',
      'Other::',
      'The schema declares no action Other::Action::"read".',
      'did you mean `Action::"read"`?',
    ],
    [
      'Color::"rd" == Color::"red"',
      'unknown-id',
      'Color::"rd"',
      'Color has only the ids "red", "green", and "rd" is none of them.',
      'did you mean `Color::"red"`?',
    ],
    [
      'principal.getTag("k") == "v"',
      'optional-tag',
      'getTag',
      'User may not have this tag: ask with hasTag, and the same text, before reading it.',
    ],
    ['principal.team.getTag("k") == "v"', 'no-tags', 'getTag', 'Team is declared without tags.'],
    ['[].isEmpty()', 'empty-set', '[]', 'An empty set says nothing of what it holds, so strict checking refuses it.'],
    ['decimal("1") == decimal("1.0")', 'bad-extension-value', '"1"', '"1" is not a valid decimal.'],
    [
      'ip(principal.name).isIpv4()',
      'not-a-literal',
      'ip(',
      'ip is given a text that is computed: strict checking takes a literal only.',
    ],
    ['context.ip.isInRange()', 'wrong-arguments', 'isInRange', 'isInRange takes 2 operands, and this gives 1.'],
    ['principal', 'wrong-type', 'principal }', '&& takes Bool, and this is User.'],
  ])('%s', (condition, reason, at, message, suggestion?: string) => {
    const text = policyOf(condition);
    const [problem] = reviewText(text).errors;
    const { request: _request, ...said } = problem ?? {};
    const expected = { code: `vm-validate.${reason}`, at: text.lastIndexOf(at), message };
    expect(said).toEqual(suggestion === undefined ? expected : { ...expected, suggestion });
  });

  it('names the kind of request that it was first found for', () => {
    const [problem] = reviewText('permit(principal, action, resource) when { principal.admin };').errors;
    expect(problem?.request).toMatchObject({ principal: 'Robot', action: { id: 'write' }, resource: 'Photo' });
  });

  it('says each thing once, however many kinds of request it is found for', () => {
    const { errors } = reviewText('permit(principal, action, resource) when { 1 < "a" && 1 < "a" };');
    expect(errors.map(({ code }) => code)).toEqual(['vm-validate.wrong-type', 'vm-validate.wrong-type']);
  });

  it('says several things at once, in the order of the text', () => {
    const text = policyOf(
      'principal.nmae == 1 &&\n resource.nothing == 2 && Usr::"x" == principal',
      'principal is Usr, action, resource',
    );
    const { errors } = reviewText(text);
    expect(errors.map(({ code }) => code.replace('vm-validate.', ''))).toEqual([
      'no-applicable-action',
      'unknown-entity-type',
      'unknown-entity-type',
    ]);
    const lines = errors.map(({ at }) => positionOf(text, at).line);
    expect(lines).toEqual([1, 1, 3]);
  });

  it('does not blame an expression for a problem of its operand', () => {
    const { errors } = reviewText(policyOf('(principal.nothing + 1) * 2 > 3 && [principal.nothing].contains(1)'));
    expect(errors.map(({ code }) => code)).toEqual(['vm-validate.unknown-attribute', 'vm-validate.unknown-attribute']);
  });

  it('proposes "in" for a scope that compares with a group', () => {
    const [problem] = reviewText('permit(principal == Team::"t", action, resource);').errors;
    expect(problem).toMatchObject({
      code: 'vm-validate.no-applicable-action',
      at: 0,
      suggestion: 'write `principal in …`',
    });
    const [both] = reviewText('permit(principal == Team::"t", action, resource == Org::"o");').errors;
    expect(both).not.toHaveProperty('suggestion');
  });

  it('shows no more of a text than a sentence holds', () => {
    const id = 'x'.repeat(5_000);
    const { errors } = reviewText(
      policyOf(`principal["${id}"] == 1 && Color::"${id}" == Color::"red" && decimal("${id}") == decimal("1.0")`),
    );
    expect(errors.length).toBeGreaterThan(1);
    for (const { message } of errors) expect(message.length).toBeLessThan(300);
  });
});

describe('what is told of a policy that fits', () => {
  const warningsOf = (text: string): readonly string[] => {
    const { errors, warnings } = reviewText(text);
    expect(errors).toEqual([]);
    return warnings.map(({ code }) => code);
  };

  it.each([
    ['principal.admin && false', ['vm-validate.impossible']],
    ['principal is Robot', ['vm-validate.impossible']],
    ['action in Action::"write"', ['vm-validate.impossible']],
    ['principal.admin', []],
    // A Cyrillic letter among Latin ones; a character that turns the order of what follows.
    ['principal.name == "p\u0430ul"', ['vm-validate.mixed-scripts']],
    ['principal.name == "Пётр"', []],
    ['principal.name like "a\u202Eb*"', ['vm-validate.text-direction']],
    ['principal == User::"\u2066x"', ['vm-validate.text-direction']],
    ['principal.name == "naïve 東京"', []],
  ])('%j: %j', (condition, expected) => {
    expect(warningsOf(policyOf(condition))).toEqual(expected);
  });

  it('is told of a scope too', () => {
    expect(warningsOf('permit(principal == User::"\u202Ea", action == Action::"read", resource);')).toEqual([
      'vm-validate.text-direction',
    ]);
  });
});
