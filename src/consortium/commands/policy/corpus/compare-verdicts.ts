import { validateEntity } from '../../../../vm/schema/validate-entity.ts';
import { validateRequest } from '../../../../vm/schema/validate-request.ts';
import { reviewPolicy } from '../../../../vm/validate/validate.ts';
import { refusalText } from '../../../output.ts';
import { withAncestors } from '../read-entities.ts';
import { requestFromJson } from '../read-request.ts';
import type { ReadTest } from './run-test.ts';
import type { Tallying } from './tally.ts';
import type { CorpusTest } from './test-file.ts';
import type { Verdicts } from './verdict-file.ts';

const MODES = ['strict', 'permissive'] as const;
const VALID = 'valid';

/** Compares what a validator said of each policy, entity and request with what we say. */
export function compareVerdicts(test: CorpusTest, read: ReadTest, verdicts: Verdicts, tallying: Tallying): void {
  const expect = (about: string, valid: boolean, found: string): void => {
    if (valid !== (found === VALID))
      tallying.disagree({
        kind: 'verdictDisagreements',
        test: test.path,
        about,
        expected: valid ? VALID : 'not valid',
        found,
      });
  };
  comparePolicies(read, verdicts, expect);
  compareEntities(read, verdicts, expect);
  for (const [i, valid] of verdicts.requests.entries()) {
    const request = test.requests[i];
    const about = `request ${i}`;
    expect(about, valid, request === undefined ? 'missing' : requestVerdict(request, read));
  }
}

type Expect = (about: string, valid: boolean, found: string) => void;

function comparePolicies({ schema, policies }: ReadTest, verdicts: Verdicts, expect: Expect): void {
  for (const [id, verdict] of verdicts.policies)
    for (const mode of MODES) {
      const valid = verdict[mode];
      if (valid === undefined) continue;
      const policy = policies.parsed.get(id);
      if (schema === undefined || policy === undefined) {
        expect(`${id} ${mode}`, valid, 'missing');
        continue;
      }
      const codes = reviewPolicy(schema, policy, mode).errors.map(({ code }) => code);
      expect(`${id} ${mode}`, valid, codes.length === 0 ? VALID : codes.join(', '));
    }
}

function compareEntities({ schema, entities }: ReadTest, verdicts: Verdicts, expect: Expect): void {
  const byName = new Map(
    withAncestors(entities.data).map((entity) => [`${entity.uid.type}::${entity.uid.id}`, entity]),
  );
  for (const [name, valid] of verdicts.entities) {
    const entity = byName.get(name);
    if (schema === undefined || entity === undefined) {
      expect(name, valid, 'missing');
      continue;
    }
    const verdict = validateEntity(schema, entity);
    expect(name, valid, verdict.ok ? VALID : refusalText(verdict.rejection));
  }
}

function requestVerdict(request: CorpusTest['requests'][number], { schema }: ReadTest): string {
  if (schema === undefined) return 'no schema';
  const read = requestFromJson(request, schema);
  if (!read.ok) return refusalText(read.rejection);
  const verdict = validateRequest(schema, read.value);
  return verdict.ok ? VALID : refusalText(verdict.rejection);
}
