import { CONSORTIUM_CODES } from '../codes.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandError, type Output, usageError } from '../output.ts';
import { fetchStatus } from '../status.ts';

/** `carechain status`: 0 where the node is in step with its peers, 2 where it serves but is not. */
export async function status(options: { readonly api: string }, output: Output): Promise<ExitCode> {
  if (!URL.canParse(options.api)) throw usageError(`${options.api} is no address of an API`);
  const found = await fetchStatus(options.api).catch((cause: unknown) => {
    const code = 'consortium-command.unreachable';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${options.api}`, { exitCode: EXIT.unknown, cause });
  });
  const { height, blockHash, stateRoot, peers, ready, reason, offences } = found;
  const lines = [
    `height      ${height}`,
    `block       ${blockHash}`,
    `state root  ${stateRoot}`,
    `peers       ${peers}`,
    `ready       ${ready ? 'yes' : `no: ${reason}`}`,
    `offences    ${offences?.total ?? 0}`,
    ...(offences?.newest ?? []).map(
      ({ validator, type, height: at, round, includedHeight }) =>
        `            ${validator} voted twice: ${type}, height ${at}, round ${round}; shown in block ${includedHeight}`,
    ),
  ];
  output.result(found, lines.join('\n'));
  return ready ? EXIT.holds : EXIT.unknown;
}
