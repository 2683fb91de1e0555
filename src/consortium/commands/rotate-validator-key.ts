import { toHex } from '../../base/bytes.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { activationHeightOf, keyChange } from '../governance/changes.ts';
import { atDesk, type DeskOptions, type HospitalDesk } from '../governance/hospital-desk.ts';
import { nextKeyOf, stageOf } from '../governance/next-key.ts';
import { askGovernance, askProposals } from '../governance/questions.ts';
import type { Output } from '../output.ts';
import { propose } from './governance.ts';

export interface RotateOptions extends DeskOptions {
  /** The first height that the new key decides. */
  readonly at?: number;
}

/**
 * `carechain rotate-validator-key`: makes a new validator key in the hospital's own key file and puts it to the vote. The old key votes up to the
 * activation height; there the node opens its folder again by itself, takes the new one, and the old one is gone. Called again, it says how
 * far that has come; where the vote failed, it puts the same key to the vote once more.
 */
export function rotateValidatorKey(options: RotateOptions, output: Output): Promise<ExitCode> {
  return atDesk(options, (desk) => rotate(desk, options.at, output));
}

async function rotate(desk: HospitalDesk, at: number | undefined, output: Output): Promise<ExitCode> {
  const [governance, proposals] = await Promise.all([askGovernance(desk.http), askProposals(desk.http)]);
  const stage = stageOf(desk, governance, proposals);
  switch (stage.stage) {
    case 'active':
      output.result(stage, 'the new key is active: the node takes it at its next start');
      return EXIT.holds;
    case 'scheduled':
      output.result(stage, `voted: the new key is active from height ${stage.activationHeight} on`);
      return EXIT.holds;
    case 'proposed': {
      const proposal = toHex(stage.proposal.proposal);
      output.result({ stage: 'proposed', proposal }, `under vote already\nproposal  ${proposal}`);
      return EXIT.holds;
    }
    case 'none':
      await propose(
        desk,
        keyChange(desk, 'rotateValidatorKey', await nextKeyOf(desk), activationHeightOf(governance, at)),
        output,
      );
      output.say('back up keys.json anew: it holds both keys until then. The running node needs no restart.');
      return EXIT.holds;
  }
}
