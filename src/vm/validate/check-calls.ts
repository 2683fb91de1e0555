import { type Checked, type Checker, type Expected, type ExpressionOf, typed } from './checker.ts';
import { notLiteral, notParsed, unknownFunction, wrongCount } from './sentences.ts';
import { textOf } from './show-type.ts';
import { SIGNATURES, type Signature } from './signatures.ts';
import type { Type } from './types.ts';

type Call = ExpressionOf<'call'>;

/** A function of an extension type. A literal text is read now, so that it cannot fail when it runs. */
export function checkCall(checker: Checker, call: Call): Checked {
  const { name, operands, at } = call;
  const signature = SIGNATURES.get(name);
  if (signature === undefined) {
    checker.report('vm-validate.unknown-function', at, () => unknownFunction(name, SIGNATURES.keys()));
    return typed(undefined);
  }
  const expected = signature.operands.length;
  if (operands.length !== expected)
    checker.report('vm-validate.wrong-arguments', at, () => wrongCount(name, expected, operands.length));
  if (signature.parse !== undefined) checkText(checker, call, signature.parse);
  for (const [index, operand] of operands.entries()) {
    const type = signature.operands[index];
    if (type === undefined) checker.check(operand);
    else checker.expect(operand, kindOf(type), name);
  }
  return typed(signature.result);
}

/** Strict: a constructor is given a literal, which is then known to be right. */
function checkText(checker: Checker, { name, operands, at }: Call, parse: NonNullable<Signature['parse']>): void {
  const [text] = operands;
  if (text?.kind === 'literal') {
    const { value } = text;
    if (typeof value === 'string' && operands.length === 1 && parse(value) === undefined)
      checker.report('vm-validate.bad-extension-value', text.at, () => notParsed(name, value));
  }
  if (checker.joining.strict && operands.some((operand) => operand.kind !== 'literal'))
    checker.report('vm-validate.not-a-literal', at, () => notLiteral(name));
}

const kindOf = (type: Type): Expected => ({
  name: textOf(type),
  fits: (actual): actual is Type => actual.kind === type.kind,
});
