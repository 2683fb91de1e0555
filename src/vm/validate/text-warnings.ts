import type { Expression, ParsedTemplate, ScopeClause, SlotClause } from '../syntax/ast.ts';
import type { Problems } from './problems.ts';
import { MIXED_SCRIPTS, TEXT_DIRECTION } from './sentences.ts';
import { expressionsIn } from './walk.ts';

/** Characters that change the order a text is shown in, so that it reads otherwise than it means (CVE-2021-42574). */
const DIRECTION = /[\u202A-\u202E\u2066-\u2069]/u;

/** Scripts with letters that look like each other's. */
const LOOKALIKES = [
  /\p{Script=Latin}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
  /\p{Script=Coptic}/u,
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII from its first character
const ASCII = /^[\u0000-\u007F]*$/;

/** Names and texts that may not be what they look like. */
export function warnOfTexts(
  { scope, conditions }: Pick<ParsedTemplate, 'scope' | 'conditions'>,
  warnings: Problems,
): void {
  const warn = (text: string, at: number): void => {
    if (ASCII.test(text)) return;
    if (DIRECTION.test(text)) warnings.add('vm-validate.text-direction', at, () => TEXT_DIRECTION);
    else if (LOOKALIKES.filter((script) => script.test(text)).length > 1)
      warnings.add('vm-validate.mixed-scripts', at, () => MIXED_SCRIPTS);
  };
  for (const clause of [scope.principal, scope.action, scope.resource])
    for (const text of textsOfClause(clause)) warn(text, clause.at);
  for (const expression of expressionsIn(conditions)) for (const text of textsOf(expression)) warn(text, expression.at);
}

function textsOfClause(clause: ScopeClause | SlotClause): readonly string[] {
  switch (clause.kind) {
    case '==':
      return [clause.uid.type, clause.uid.id];
    case 'in':
      return clause.uids.flatMap(({ type, id }) => [type, id]);
    case 'is':
      return [clause.entityType, clause.within?.type ?? '', clause.within?.id ?? ''];
    case 'slot':
      return [clause.entityType ?? ''];
    case 'any':
      return [];
  }
}

function textsOf(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression;
      if (typeof value === 'string') return [value];
      return typeof value === 'object' && value.kind === 'entity' ? [value.type, value.id] : [];
    }
    case 'attribute':
      return [expression.name];
    case 'has':
      return expression.path;
    case 'is':
      return [expression.entityType];
    case 'record':
      return [...expression.fields.keys()];
    case 'like': {
      const { first, middle, last = '' } = expression.pattern;
      return [[first, ...middle.map(({ part }) => part), last].join('*')];
    }
    default:
      return [];
  }
}
