import type { BinaryOperator, Condition, Expression, ParsedTemplate, ScopeClause, SlotClause } from '../syntax/ast.ts';
import { extensionText } from '../values/extensions/print.ts';
import { partsOf } from '../values/like.ts';
import type { EntityUid, Value } from '../values/value.ts';
import type { Json, JsonObject } from './json.ts';

const object = (entries: Readonly<Record<string, Json>>): JsonObject => new Map(Object.entries(entries));

/** A policy or template in Cedar's JSON policy format (the "EST"). An annotation without a value is null. */
export function policyToJson({
  effect,
  scope,
  conditions,
  annotations,
}: Pick<ParsedTemplate, 'effect' | 'scope' | 'conditions' | 'annotations'>): JsonObject {
  const json = new Map<string, Json>([
    ['effect', effect],
    ['principal', clauseJson(scope.principal, '?principal')],
    ['action', clauseJson(scope.action, '')],
    ['resource', clauseJson(scope.resource, '?resource')],
    ['conditions', conditions.map(conditionJson)],
  ]);
  const named = [...annotations].map(([key, value]): [string, Json] => [key, value === '' ? null : value]);
  return named.length === 0 ? json : json.set('annotations', new Map(named));
}

const conditionJson = ({ kind, body }: Condition): Json => object({ kind, body: expressionToJson(body) });

const uidJson = ({ type, id }: EntityUid): Json => object({ type, id });

function clauseJson(clause: ScopeClause | SlotClause, slot: string): Json {
  switch (clause.kind) {
    case 'any':
      return object({ op: 'All' });
    case '==':
      return object({ op: '==', entity: uidJson(clause.uid) });
    case 'in':
      return clause.uids.length === 1
        ? object({ op: 'in', entity: uidJson(clause.uids[0] as EntityUid) })
        : object({ op: 'in', entities: clause.uids.map(uidJson) });
    case 'is':
      return clause.within === undefined
        ? object({ op: 'is', entity_type: clause.entityType })
        : object({ op: 'is', entity_type: clause.entityType, in: object({ entity: uidJson(clause.within) }) });
    case 'slot':
      return clause.entityType === undefined
        ? object({ op: clause.operator, slot })
        : object({ op: 'is', entity_type: clause.entityType, in: object({ slot }) });
  }
}

/** Cedar's JSON has `&&` and `||` of two operands each, grouped from the left, and `has` of one attribute. */
export function expressionToJson(expression: Expression): Json {
  switch (expression.kind) {
    case 'literal':
      return valueToJson(expression.value);
    case 'variable':
      return object({ Var: expression.name });
    case 'if':
      return conditionalJson(expression);
    case 'and':
      return expression.isIn ? isInJson(expression) : chainJson('&&', expression.operands.map(expressionToJson));
    case 'or':
      return chainJson('||', expression.operands.map(expressionToJson));
    case 'not':
      return object({ '!': object({ arg: expressionToJson(expression.operand) }) });
    case 'negate':
      return object({ neg: object({ arg: expressionToJson(expression.operand) }) });
    case 'isEmpty':
      return object({ isEmpty: object({ arg: expressionToJson(expression.operand) }) });
    case 'binary':
      return binaryJson(expression.operator, expressionToJson(expression.left), expressionToJson(expression.right));
    case 'set':
      return object({ Set: expression.items.map(expressionToJson) });
    case 'record':
      return recordJson([...expression.fields].map(([name, field]) => [name, expressionToJson(field)]));
    case 'call':
      return object({ [expression.name]: expression.operands.map(expressionToJson) });
    default:
      return relationJson(expression);
  }
}

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

const binaryJson = (operator: BinaryOperator | '&&' | '||', left: Json, right: Json): Json =>
  object({ [operator]: object({ left, right }) });

const chainJson = (operator: '&&' | '||', operands: readonly Json[]): Json =>
  operands.reduce((left, right) => binaryJson(operator, left, right));

const recordJson = (fields: readonly (readonly [string, Json])[]): Json => object({ Record: new Map(fields) });

function conditionalJson({ test, whenTrue, whenFalse }: Of<'if'>): Json {
  const parts = [test, whenTrue, whenFalse].map(expressionToJson);
  return object({ 'if-then-else': new Map(['if', 'then', 'else'].map((name, i) => [name, parts[i] as Json])) });
}

function isInJson({ operands }: Of<'and'>): Json {
  const [is, within] = operands as readonly [Of<'is'>, Of<'binary'>];
  const left = expressionToJson(is.operand);
  return object({ is: object({ left, entity_type: is.entityType, in: expressionToJson(within.right) }) });
}

function relationJson(expression: Of<'has' | 'like' | 'is' | 'attribute'>): Json {
  const left = expressionToJson(expression.operand);
  switch (expression.kind) {
    case 'is':
      return object({ is: object({ left, entity_type: expression.entityType }) });
    case 'like':
      return object({ like: object({ left, pattern: patternJson(partsOf(expression.pattern)) }) });
    case 'attribute':
      return attributeJson('.', left, expression.name);
    case 'has':
      return hasJson(left, expression.path);
  }
}

const attributeJson = (operator: '.' | 'has', left: Json, attr: string): Json =>
  object({ [operator]: object({ left, attr }) });

function hasJson(left: Json, path: readonly string[]): Json {
  let operand = left;
  const steps: Json[] = [];
  for (const name of path) {
    steps.push(attributeJson('has', operand, name));
    operand = attributeJson('.', operand, name);
  }
  return chainJson('&&', steps);
}

/** One element a character. */
const patternJson = (parts: readonly string[]): Json =>
  parts.flatMap((part, i): Json[] => [
    ...(i === 0 ? [] : ['Wildcard']),
    ...Array.from(part, (character) => object({ Literal: character })),
  ]);

function valueToJson(value: Value): Json {
  if (typeof value !== 'object') return object({ Value: value });
  switch (value.kind) {
    case 'entity':
      return object({ Value: object({ __entity: uidJson(value) }) });
    case 'set':
      return object({ Set: value.items.map(valueToJson) });
    case 'record':
      return recordJson([...value.fields].map(([name, field]) => [name, valueToJson(field)]));
    default:
      return object({ [value.kind]: [object({ Value: extensionText(value) })] });
  }
}
