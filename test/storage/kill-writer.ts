import { utf8 } from '../../src/base/bytes.ts';
import type { TreeRoot } from '../../src/ledger/tree/types.ts';
import { ChainStore } from '../../src/storage/chain-store.ts';
import { sha256 } from '../../src/storage/checksum.ts';
import { openDataFolder } from '../../src/storage/data-folder.ts';
import { SigningStateFile } from '../../src/storage/signing-state-file.ts';
import { ChainBuilder, primitives, readLink } from './chain-builder.ts';

/* The process that kill.system.test.ts kills: writes blocks without end and reports each height once it is durable. */
const folder = await openDataFolder(process.argv[2] as string, sha256(utf8('genesis')));
const store = await ChainStore.open({ primitives, readLink, open: folder.openChain });
const tip = store.tip();
const signing = await SigningStateFile.open(folder.signingStatePath, { chainHasBlocks: tip !== undefined });
const root: TreeRoot = tip === undefined ? null : valueIn(store.treeRootAt(tip.height));
const builder = new ChainBuilder(tip?.hash, root, (tip?.height ?? -1) + 1);

for (;;) {
  const height = (store.tip()?.height ?? -1) + 1;
  await signing.write(utf8(`${height}`));
  await store.commitBlock(
    builder.next(store.treeReader(), { height: utf8(`${height}`), [`k${height % 9}`]: utf8('x') }),
  );
  process.stdout.write(`${height}\n`);
}

function valueIn<T>(result: { ok: true; value: T } | { ok: false }): T {
  if (!result.ok) throw new Error('the tip has a state root');
  return result.value;
}
