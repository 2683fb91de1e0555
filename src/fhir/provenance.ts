import type { Provenance, Signature } from 'fhir/r4.js';
import { toBase64 } from '../crypto/base64.ts';
import type { RecordSource } from './document-reference.ts';
import { recordReference, referenceTo } from './references.ts';
import { coding, concept, OWN, SYSTEMS } from './terms.ts';
import { instantOf } from './times.ts';

/** A version of a record, and the transaction that brought it. */
export interface VersionSource extends Pick<RecordSource, 'record' | 'version' | 'author' | 'owner' | 'recordedMs'> {
  /** In hexadecimal. */
  readonly transaction: string;
  /** The author's 65 bytes over that transaction, where the caller has them. */
  readonly signature?: Uint8Array;
  /** Hospitals whose storage receipts stand in the transaction, in hexadecimal. */
  readonly storedBy: readonly string[];
}

/** Who wrote which version, when, and by which signed transaction (F38, F39): one Provenance a version. */
export function provenanceOf(source: VersionSource): Provenance {
  const { record, version, author, recordedMs, transaction, storedBy } = source;
  const isFirst = version === 1;
  return {
    resourceType: 'Provenance',
    id: transaction,
    target: [recordReference(record, version)],
    recorded: instantOf(recordedMs),
    activity: isFirst
      ? concept(SYSTEMS.dataOperation, 'CREATE', 'create')
      : concept(SYSTEMS.dataOperation, 'UPDATE', 'revise'),
    agent: [
      { type: concept(SYSTEMS.provenanceAgent, 'author', 'Author'), who: referenceTo(author) },
      ...storedBy.map((hospital) => ({
        type: concept(SYSTEMS.provenanceAgent, 'custodian', 'Custodian'),
        who: referenceTo({ kind: 'hospital' as const, id: hospital }),
      })),
    ],
    entity: [
      { role: 'source', what: { identifier: { system: OWN.transaction, value: transaction } } },
      ...(isFirst ? [] : [{ role: 'revision' as const, what: recordReference(record, version - 1) }]),
    ],
    ...(source.signature === undefined ? {} : { signature: [signatureOf(source, source.signature)] }),
  };
}

/** The signature is over the transaction (T-4), not over this resource: its format says so. */
const signatureOf = ({ author, recordedMs }: VersionSource, bytes: Uint8Array): Signature => ({
  type: [coding(SYSTEMS.signatureType, '1.2.840.10065.1.12.1.1', "Author's Signature")],
  when: instantOf(recordedMs),
  who: referenceTo(author),
  targetFormat: 'application/cbor',
  sigFormat: 'application/octet-stream',
  data: toBase64(bytes),
});
