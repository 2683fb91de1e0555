import type { Rejection, Result } from '../../../../base/result.ts';
import { type EntityReader, isAuthorizedCedar } from '../../../../vm/index.ts';
import type { Schema } from '../../../../vm/schema/schema.ts';
import { validateEntities } from '../../../../vm/schema/validate-entity.ts';
import { validateRequest } from '../../../../vm/schema/validate-request.ts';
import { reviewPolicy } from '../../../../vm/validate/validate.ts';
import { refusalText } from '../../../output.ts';
import { readText } from '../files.ts';
import { type CorpusEntities, corpusEntities } from '../read-entities.ts';
import { requestFromJson } from '../read-request.ts';
import { schemaFromText } from '../schema-text.ts';
import { compareVerdicts } from './compare-verdicts.ts';
import { type NumberedPolicies, numberedPolicies } from './numbered.ts';
import { resolvePath } from './resolve-path.ts';
import type { DisagreementKind, Tallying } from './tally.ts';
import type { CorpusRequest, CorpusTest } from './test-file.ts';
import { readVerdicts } from './verdict-file.ts';

export interface TestRun {
  /** The corpus: paths in tests begin there. */
  readonly folder: string;
  readonly test: CorpusTest;
  /** With `--validation`: what a validator said of this test. */
  readonly verdictFile: string | undefined;
}

/** What a test is about, read. */
export interface ReadTest {
  readonly schema: Schema | undefined;
  readonly policies: NumberedPolicies;
  readonly entities: CorpusEntities;
}

/**
 * Runs one test and counts where we disagree. A file that is not there or is no text throws; one that we refuse to read as what it
 * is, and the official engine did not, is a disagreement about everything that depends on it.
 */
export async function runTest({ folder, test, verdictFile }: TestRun, tallying: Tallying): Promise<void> {
  const verdicts = verdictFile === undefined ? undefined : await readVerdicts(verdictFile);
  const running = new Running(test, tallying, verdicts === undefined);
  const read = await readTest(folder, test, (about, refusal) => running.refuseAll(about, refusal));
  tallying.tally.requests += test.requests.length;
  if (read === undefined) return;
  running.policies(read);
  running.entities(read);
  for (const request of test.requests) running.request(request, read);
  if (verdicts !== undefined) compareVerdicts(test, read, verdicts, tallying);
}

async function readTest(
  folder: string,
  test: CorpusTest,
  onRefusal: (about: string, refusal: Rejection) => void,
): Promise<ReadTest | undefined> {
  const text = async (named: string): Promise<string> => readText(await resolvePath(folder, test.path, named));
  const kept = <T>(about: string, result: Result<T>): T | undefined => {
    if (!result.ok) onRefusal(about, result.rejection);
    return result.ok ? result.value : undefined;
  };
  const policies = kept(test.policies, numberedPolicies(await text(test.policies)));
  const schema = test.schema === undefined ? undefined : kept(test.schema, schemaFromText(await text(test.schema)));
  if (policies === undefined || (test.schema !== undefined && schema === undefined)) return undefined;
  const entities = kept(test.entities, corpusEntities(await text(test.entities), schema));
  return entities && { schema, policies, entities };
}

class Running {
  readonly #test: CorpusTest;
  readonly #tallying: Tallying;
  /** No file says of each entity and request whether it is valid: all of them are. */
  readonly #allValid: boolean;

  constructor(test: CorpusTest, tallying: Tallying, allValid: boolean) {
    this.#test = test;
    this.#tallying = tallying;
    this.#allValid = allValid;
  }

  #expect(kind: DisagreementKind, about: string, expected: string, found: string): void {
    if (expected !== found) this.#tallying.disagree({ kind, test: this.#test.path, about, expected, found });
  }

  refuseAll(about: string, refusal: Rejection): void {
    const found = refusalText(refusal);
    if (this.#test.shouldValidate !== undefined) this.#expect('validationDisagreements', about, 'readable', found);
    for (const { description } of this.#test.requests)
      this.#expect('decisionDisagreements', `${description}, ${about}`, 'readable', found);
  }

  policies({ schema, policies }: ReadTest): void {
    const { shouldValidate } = this.#test;
    if (schema === undefined || shouldValidate === undefined) return;
    const problems = [...policies.parsed].flatMap(([id, policy]) =>
      reviewPolicy(schema, policy, 'strict').errors.map(({ code }) => `${id} ${code}`),
    );
    const found = problems.length === 0 ? 'valid' : problems.join(', ');
    if (shouldValidate || problems.length === 0)
      this.#expect('validationDisagreements', 'policies', shouldValidate ? 'valid' : 'not valid', found);
  }

  entities({ schema, entities }: ReadTest): void {
    if (schema === undefined || !this.#allValid) return;
    const verdict = validateEntities(schema, entities.data);
    this.#expect('validationDisagreements', 'entities', 'valid', verdict.ok ? 'valid' : refusalText(verdict.rejection));
  }

  request(request: CorpusRequest, { schema, policies, entities }: ReadTest): void {
    const read = requestFromJson(request, schema);
    if (!read.ok) {
      this.#expect('decisionDisagreements', request.description, 'readable', refusalText(read.rejection));
      return;
    }
    if (schema !== undefined && request.validateRequest && this.#allValid) {
      const verdict = validateRequest(schema, read.value);
      const found = verdict.ok ? 'valid' : refusalText(verdict.rejection);
      this.#expect('validationDisagreements', request.description, 'valid', found);
    }
    this.#decide(request, read.value, policies, entities.reader);
  }

  #decide(
    { description, decision, reason, errors }: CorpusRequest,
    asked: Parameters<typeof isAuthorizedCedar>[1],
    { set }: NumberedPolicies,
    entities: EntityReader,
  ): void {
    const found = isAuthorizedCedar(set, asked, entities);
    if (decision !== undefined) this.#expect('decisionDisagreements', description, decision, found.decision);
    if (reason !== undefined) this.#expect('reasonDisagreements', description, setText(reason), setText(found.reason));
    if (errors !== undefined) this.#expect('errorDisagreements', description, setText(errors), setText(found.errors));
  }
}

/** Ids as a set. */
const setText = (ids: readonly string[]): string => JSON.stringify([...new Set(ids)].sort());
