import { readFile } from 'node:fs/promises';
import { nativePrimitives } from '../../node/primitives.ts';
import { isInitialised } from '../../storage/data-folder.ts';
import { CONSORTIUM_CODES } from '../codes.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { exportChainOf } from '../export-chain.ts';
import { genesisPath, hasConsortium, hospitalFolder } from '../layout.ts';
import { CommandError, type Output } from '../output.ts';

export interface ExportOptions {
  readonly data: string;
  readonly hospital: number;
  readonly file: string;
}

/** `carechain export`: from a stopped hospital's folder, or through the API of one that runs. */
export async function exportChain({ data, hospital, file }: ExportOptions, output: Output): Promise<ExitCode> {
  const folder = hospitalFolder(data, hospital);
  if (!hasConsortium(data) || !(await isInitialised(folder))) {
    const code = 'consortium-folder.missing';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${folder}`, { exitCode: EXIT.usage });
  }
  const genesisText = await readFile(genesisPath(data), 'utf8');
  const { heights, bytes, root } = await exportChainOf(nativePrimitives(), { folder, genesisText, file });
  output.result(
    { file, hospital, heights, bytes, root },
    `${file}: heights 1 to ${heights}, ${bytes} bytes, root ${root}`,
  );
  output.say(`check it: carechain verify ${file} --genesis ${genesisPath(data)}`);
  return EXIT.holds;
}
