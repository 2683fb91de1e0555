import { createApiClient } from '../../../client/api-client.ts';
import { hostDevice } from '../../../client/device.ts';
import { trustGenesis } from '../../../client/trust.ts';
import { nativePrimitives } from '../../../node/primitives.ts';
import { asCommandError } from '../../api-failure.ts';
import { EXIT } from '../../exit-codes.ts';
import { openKeyFile } from '../../key-file.ts';
import { CommandError, refusalText, usageError } from '../../output.ts';
import { type CanLine, type CanQuestion, readerLine, recordLine } from './can-line.ts';

export interface AtNode {
  /** A hospital's API. */
  readonly node?: string;
  /** The key file of who asks. */
  readonly key?: string;
  readonly passwordFile?: string;
}

/** The answer as a hospital's node gives it to this key; about oneself where nobody is named. The node is believed: nothing proves it. */
export async function linesAtNode(genesisText: string, at: AtNode, question: CanQuestion): Promise<readonly CanLine[]> {
  const { node = '', key, passwordFile } = at;
  if (!URL.canParse(node)) throw usageError(`${node} is no address of an API`);
  if (key === undefined) throw usageError('with --node, say with --key whose key asks');
  const device = hostDevice(nativePrimitives());
  const trust = trustGenesis(device.primitives, genesisText);
  if (!trust.ok) throw new CommandError(trust.rejection.code, refusalText(trust.rejection), { exitCode: EXIT.usage });
  const { account } = await openKeyFile(device.primitives, key, passwordFile);
  const api = createApiClient({
    baseUrl: node.replace(/\/+$/, ''),
    chainId: trust.value.chainId,
    device,
    account,
  });
  try {
    if (question.record !== undefined) return (await api.readers(question.record)).map(readerLine);
    return (await api.readable(question.principal ?? account.id)).map(recordLine);
  } catch (error) {
    throw asCommandError(error);
  }
}
