import { tagOf } from './capabilities.ts';
import { type Checked, type Checker, type ExpressionOf, typed } from './checker.ts';
import { A_STRING, AN_ENTITY } from './expected.ts';
import { noTags, notJoined, unaskedTag } from './sentences.ts';
import { BOOL, FALSE, TRUE, type Type } from './types.ts';

type Binary = ExpressionOf<'binary'>;

/** `e.hasTag(t)`: always false where the type is declared without tags. */
export function checkHasTag(checker: Checker, { left, right }: Binary): Checked {
  const { type: owner } = checker.expect(left, AN_ENTITY, 'hasTag');
  checker.expect(right, A_STRING, 'hasTag');
  const { shapes, world } = checker.policy;
  const capability = tagOf(shapes.of(left), shapes.of(right));
  if (owner !== undefined && world.tagsOf(owner.types).length === 0) return typed(FALSE, [capability]);
  return typed(checker.known.has(capability) ? TRUE : BOOL, [capability]);
}

/** `e.getTag(t)`: only where `e.hasTag(t)`, with the same `e` and `t`, was true. */
export function checkGetTag(checker: Checker, { left, right, at }: Binary): Checked {
  const { type: owner } = checker.expect(left, AN_ENTITY, 'getTag');
  checker.expect(right, A_STRING, 'getTag');
  if (owner === undefined) return typed(undefined);
  const { shapes, world } = checker.policy;
  const tags = world.tagsOf(owner.types);
  if (tags.length === 0) checker.report('vm-validate.no-tags', at, () => noTags(owner));
  else if (checker.known.has(tagOf(shapes.of(left), shapes.of(right)))) return typed(joined(checker, tags, at));
  else checker.report('vm-validate.optional-tag', at, () => unaskedTag(owner));
  return typed(undefined);
}

function joined(checker: Checker, tags: readonly Type[], at: number): Type | undefined {
  let bound = tags[0];
  for (const tag of tags) {
    const before: Type | undefined = bound;
    bound = before && checker.bound(before, tag);
    if (before !== undefined && bound === undefined)
      checker.report('vm-validate.incompatible-types', at, () =>
        notJoined('The tags of all these entities', before, tag),
      );
  }
  return bound;
}
