import { describe, expect, it } from 'vitest';
import { type Json, parseJson, uidFromJson } from '../../../src/vm/index.ts';
import { readContext, readEntities } from '../../../src/vm/schema/read-json.ts';
import { validateEntities, validateEntity } from '../../../src/vm/schema/validate-entity.ts';
import { validateRequest } from '../../../src/vm/schema/validate-request.ts';
import { FIXTURES_SKIPPED } from '../../support/fixtures.ts';
import { accepted } from '../support.ts';
import { CORPUS_TIMEOUT_MS, filesIn, folder, SUITES, schemaOf, textOf } from './support.ts';

const at = (json: Json | undefined, key: string): Json => (json as ReadonlyMap<string, Json>).get(key) as Json;
const listAt = (json: Json, key: string): readonly Json[] => at(json, key) as readonly Json[];
const jsonIn = (path: string): Json => accepted(parseJson(textOf(path)));

function readTest(test: Json) {
  const schema = schemaOf(textOf(at(test, 'schema') as string));
  const entities = accepted(readEntities(schema, jsonIn(at(test, 'entities') as string)));
  const isRequestAccepted = (asked: Json): boolean => {
    const action = accepted(uidFromJson(at(asked, 'action')));
    const context = readContext(schema, action, at(asked, 'context'));
    if (!context.ok) return false;
    return validateRequest(schema, {
      principal: accepted(uidFromJson(at(asked, 'principal'))),
      action,
      resource: accepted(uidFromJson(at(asked, 'resource'))),
      context: context.value,
    }).ok;
  };
  return { schema, entities, isRequestAccepted };
}

describe.skipIf(folder === undefined)(
  `verdicts of other engines ${folder === undefined ? FIXTURES_SKIPPED : ''}`,
  () => {
    it('agree with ours on every entity and every request of the corpus', { timeout: CORPUS_TIMEOUT_MS }, () => {
      const counted = { tests: 0, entities: 0, requests: 0 };
      const disagreements: string[] = [];
      for (const path of filesIn('validation-cedar-go', '.validation.json')) {
        const name = path.replace('validation-cedar-go/', 'corpus-tests/').replace('.validation', '');
        const [verdicts, test] = [jsonIn(path), jsonIn(name)];
        const { schema, entities, isRequestAccepted } = readTest(test);
        counted.tests++;

        const perEntity = at(at(verdicts, 'entityValidation'), 'perEntity') as ReadonlyMap<string, Json>;
        const byName = new Map(entities.map((entity) => [`${entity.uid.type}::${entity.uid.id}`, entity]));
        expect([...byName.keys()].sort()).toEqual([...perEntity.keys()].sort());
        for (const [entityName, verdict] of perEntity) {
          const entity = byName.get(entityName);
          const isAccepted = entity !== undefined && validateEntity(schema, entity).ok;
          if (isAccepted !== ((verdict as ReadonlyMap<string, Json>).size === 0))
            disagreements.push(`${name} ${entityName}`);
          counted.entities++;
        }

        const requests = listAt(test, 'requests');
        for (const verdict of listAt(verdicts, 'requestValidation')) {
          const asked = requests.find((request) => at(request, 'description') === at(verdict, 'description')) as Json;
          const isAccepted = isRequestAccepted(asked);
          for (const mode of ['strict', 'permissive'])
            if (isAccepted !== at(verdict, mode)) disagreements.push(`${name} ${at(asked, 'description')} ${mode}`);
          counted.requests++;
        }
      }
      expect(disagreements).toEqual([]);
      expect(counted).toEqual({ tests: 400, entities: 2_210, requests: 3_200 });
    });

    it('agree with ours on the entities of every test together, and on each request that is to be validated', {
      timeout: CORPUS_TIMEOUT_MS,
    }, () => {
      const counted = { tests: 0, requests: 0 };
      for (const name of SUITES.flatMap((suite) => filesIn(suite, '.json')).filter(
        (path) => !path.includes('.entities'),
      )) {
        const test = jsonIn(name);
        const { schema, entities, isRequestAccepted } = readTest(test);
        expect([name, validateEntities(schema, entities).ok]).toEqual([name, true]);
        counted.tests++;
        for (const asked of listAt(test, 'requests')) {
          if (at(asked, 'validateRequest') === false) continue;
          expect([name, at(asked, 'description'), isRequestAccepted(asked)]).toEqual([
            name,
            at(asked, 'description'),
            true,
          ]);
          counted.requests++;
        }
      }
      expect(counted).toEqual({ tests: 455, requests: 3_361 });
    });
  },
);
