import { describe, expect, it } from 'vitest';
import { VM_CODES } from '../../../src/vm/codes.ts';
import type { ValidationCode } from '../../../src/vm/validate/problems.ts';
import { compare, reviewText } from './compare.ts';
import { USER_READS_PHOTO } from './group.ts';
import { SCOPES, TABLE, TEMPLATE_SCOPES } from './table.ts';

const policyOf = (scope: string, condition: string): string => `permit(${scope}) when { ${condition} };`;
const lines = TABLE.flatMap(({ scope = USER_READS_PHOTO, conditions }) =>
  conditions.map((condition) => policyOf(scope, condition)),
);

const isWarning = (code: string): boolean => /impossible|text-direction|mixed-scripts/.test(code);

describe('our checker and the official engine, strict', { timeout: 60_000 }, () => {
  it.each(TABLE)('agree on $about', ({ scope = USER_READS_PHOTO, conditions }) => {
    const { differences, valid, invalid } = compare(conditions.map((condition) => policyOf(scope, condition)));
    expect(differences).toEqual([]);
    expect(Math.min(valid, invalid)).toBeGreaterThan(0);
  });

  it('agree on the same conditions under unless', () => {
    expect(compare(lines.map((line) => line.replace(' when {', ' unless {'))).differences).toEqual([]);
  });

  it('agree on the same conditions for every kind of request', () => {
    const everywhere = lines.map((line) => line.replace(/\(.*\) when/, '(principal, action, resource) when'));
    expect(compare(everywhere).differences).toEqual([]);
  });

  it('agree on scopes', () => {
    const { differences, valid, invalid } = compare(SCOPES.map((scope) => `forbid(${scope});`));
    expect(differences).toEqual([]);
    expect({ valid, invalid }).toEqual({ valid: 18, invalid: 21 });
  });

  it('agree on scopes with a condition that only some requests pass', () => {
    const { differences } = compare(
      SCOPES.map((scope) => policyOf(scope, 'principal has nick && principal.nick == "a"')),
    );
    expect(differences).toEqual([]);
  });

  it('agree on templates', () => {
    const { differences, valid, invalid } = compare(
      TEMPLATE_SCOPES.map((scope) => `permit(${scope});`),
      true,
    );
    expect(differences).toEqual([]);
    expect({ valid, invalid }).toEqual({ valid: 7, invalid: 5 });
  });

  it('are asked about every rule, on both sides of it', () => {
    const reviews = lines.map((line) => reviewText(line).errors);
    const valid = reviews.filter((errors) => errors.length === 0).length;
    expect({ lines: lines.length, valid }).toEqual({ lines: 426, valid: 223 });
    const broken = new Set(reviews.flatMap((errors) => errors.map(({ code }) => code)));
    const cannotBreak = ['no-applicable-action', 'unknown-function', 'too-costly'];
    const all = Object.keys(VM_CODES).filter((code) => code.startsWith('vm-validate.') && !isWarning(code));
    expect(all.filter((code) => !broken.has(code as ValidationCode)).sort()).toEqual(
      cannotBreak.map((reason) => `vm-validate.${reason}`).sort(),
    );
  });
});
