import type { BinaryOperator, Expression } from '../syntax/ast.ts';
import type { Value } from '../values/value.ts';

/** Cedar has these three as the negation of another, so `a != b` and `!(a == b)` are one shape. */
const NEGATED: Partial<Record<BinaryOperator, BinaryOperator>> = { '!=': '==', '>': '<=', '>=': '<' };

/** Numbers expressions so that two have the same number exactly where they are written alike, wherever they stand. */
export class Shapes {
  readonly #numbers = new Map<string, number>();
  readonly #seen = new Map<Expression, number>();

  of(expression: Expression): number {
    const seen = this.#seen.get(expression);
    if (seen !== undefined) return seen;
    const number = this.#numberOf(expression);
    this.#seen.set(expression, number);
    return number;
  }

  /** The shape of `e.name`, given that of `e`. */
  attribute(operand: number, name: string): number {
    return this.#intern(['.', operand, name]);
  }

  #intern(parts: readonly (string | number)[]): number {
    const key = JSON.stringify(parts);
    const number = this.#numbers.get(key) ?? this.#numbers.size;
    this.#numbers.set(key, number);
    return number;
  }

  #numberOf(expression: Expression): number {
    switch (expression.kind) {
      case 'literal':
        return this.#intern(partsOfLiteral(expression.value, this.#seen.size));
      case 'variable':
        return this.#intern(['variable', expression.name]);
      case 'and':
      case 'or':
        // A chain is what its operators are, one after another: `a && b && c` is `(a && b) && c`.
        return expression.operands
          .map((operand) => this.of(operand))
          .reduce((left, right) => this.#intern([expression.kind, left, right]));
      case 'binary':
        return this.#binary(expression.operator, this.of(expression.left), this.of(expression.right));
      case 'has':
        return this.#has(this.of(expression.operand), expression.path);
      case 'attribute':
        return this.attribute(this.of(expression.operand), expression.name);
      case 'like': {
        const { first, middle, last = null } = expression.pattern;
        const pattern = JSON.stringify([first, ...middle.map(({ part }) => part), last]);
        return this.#intern(['like', this.of(expression.operand), pattern]);
      }
      case 'is':
        return this.#intern(['is', this.of(expression.operand), expression.entityType]);
      case 'if': {
        const parts = [expression.test, expression.whenTrue, expression.whenFalse];
        return this.#intern(['if', ...parts.map((part) => this.of(part))]);
      }
      case 'set':
        return this.#intern(['set', ...expression.items.map((item) => this.of(item))]);
      case 'record': {
        const fields = [...expression.fields].sort(([a], [b]) => (a < b ? -1 : 1));
        return this.#intern(['record', ...fields.flatMap(([name, field]) => [name, this.of(field)])]);
      }
      case 'call':
        return this.#intern(['call', expression.name, ...expression.operands.map((operand) => this.of(operand))]);
      default:
        return this.#intern([expression.kind, this.of(expression.operand)]);
    }
  }

  #binary(operator: BinaryOperator, left: number, right: number): number {
    const negated = NEGATED[operator];
    if (negated === undefined) return this.#intern(['binary', operator, left, right]);
    return this.#intern(['not', this.#intern(['binary', negated, left, right])]);
  }

  #has(operand: number, path: readonly string[]): number {
    let [subject, whole] = [operand, -1];
    for (const name of path) {
      const step = this.#intern(['has', subject, name]);
      whole = whole < 0 ? step : this.#intern(['and', whole, step]);
      subject = this.attribute(subject, name);
    }
    return whole;
  }
}

function partsOfLiteral(value: Value, unique: number): readonly (string | number)[] {
  if (typeof value !== 'object') return [typeof value, String(value)];
  // A program may put a whole value where text has none: it is like no other.
  return value.kind === 'entity' ? ['entity', value.type, value.id] : ['value', unique];
}
