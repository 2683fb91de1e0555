import type { ConsentCode } from '../codes.ts';
import { field, isMap, type JsonMap, textField } from '../json.ts';
import { FHIR_LIMITS } from '../limits.ts';

/**
 * One reading of one untrusted Consent. An element of the wrong form must never look like one that is absent, since absent means "not
 * limited": it marks the whole reading as malformed.
 */
export class Reading {
  #fault: { readonly code: ConsentCode; readonly path: string } | null = null;

  /** The first fault: nothing of a Consent with one is imported. */
  get fault(): { readonly code: ConsentCode; readonly path: string } | null {
    return this.#fault;
  }

  fail(path: string, code: ConsentCode = 'fhir-consent.malformed'): void {
    this.#fault ??= { code, path };
  }

  /** Maps of a list; none where the element is absent. */
  maps(map: JsonMap, name: string, path: string): readonly JsonMap[] | null {
    const value = field(map, name);
    if (value === undefined) return null;
    const isList = Array.isArray(value) && value.length > 0 && value.length <= FHIR_LIMITS.consentItemsMax;
    if (isList && value.every(isMap)) return value;
    this.fail(`${path}.${name}`);
    return null;
  }

  map(map: JsonMap, name: string, path: string): JsonMap | null {
    const value = field(map, name);
    if (value === undefined) return null;
    if (isMap(value)) return value;
    this.fail(`${path}.${name}`);
    return null;
  }

  text(map: JsonMap, name: string, path: string): string | null {
    const value = field(map, name);
    if (value === undefined) return null;
    const text = textField(map, name);
    if (text !== undefined) return text;
    this.fail(`${path}.${name}`);
    return null;
  }

  /**
   * The one code of a concept in a system: its codings are translations of each other. Null where it has none in that system, or two
   * that differ.
   */
  codeOf(concept: JsonMap, system: string, path: string): string | null {
    const codes = new Set(
      (this.maps(concept, 'coding', path) ?? [])
        .filter((coding) => this.text(coding, 'system', path) === system)
        .map((coding) => this.text(coding, 'code', path)),
    );
    return codes.size === 1 ? ([...codes][0] ?? null) : null;
  }
}
