package cmd

import "github.com/spf13/cobra"

// newTopics are pages of help that belong to no command.
func newTopics() []*cobra.Command {
	topic := func(name, short, long string) *cobra.Command {
		return &cobra.Command{Use: name, Short: short, Long: long}
	}
	return []*cobra.Command{
		topic("exit-codes", "Exit codes", `Every command uses the same exit codes:

  0    done, or all well
  1    failed
  2    wrong command line
  3    conflicts need a person
  4    a signature is missing, or not allowed
  5    a check does not hold
  6    policy breach: verify, audit --fail-on, guard
  8    pending: waiting for others
  75   somebody else holds it: try again
  130  interrupted; what was accepted is safe, drafts are kept

Where several hold, the lowest of 3 to 6 is used; the JSON document has them all.`),

		topic("states", "States of a patch", `Where a patch stands in one version, in one word, the same in text, JSON and screens.
Capitals in a table mean that a person must act.

  clean     carried: the same change at the same place
  moved     carried: the same change at other lines, or in a renamed file
  drift     merged cleanly, but the change or what it rests on is no longer what the owner
            last saw; or its hole stands somewhere else
  conflict  parked: it did not merge, and a person must settle it
  waiting   parked only because an earlier patch conflicts
  proposed  settled by somebody, not yet signed by the owner
  resolved  settled, signed, in the stack
  landed    nothing left to do: the public base has the fix
  retired   a person named the public commit that has it
  dropped   given up, with a reason and a person
  failed    one of its checks does not hold

The life of a patch as a whole: embargoed, disclosed, landed, closed; or dropped.`),

		topic("environment", "Environment and configuration", `The vault is, in this order: --vault DIR, $GIT_CARRY_VAULT, git's configuration
carry.vault, and the one you stand in. You are, in this order: --as-person ID, the key that
you sign with, and who git says: $GIT_COMMITTER_NAME and $GIT_COMMITTER_EMAIL, else
user.name and user.email.

  GIT_CARRY_VAULT   the vault's directory
  GIT_CARRY_NOW     a fixed clock (2026-11-17T09:00:00Z), for reports that must come out the same
  NO_COLOR          no colours
  COLUMNS           the width to lay text out for
  GIT_EDITOR        the editor for conflicts (else core.editor, $VISUAL, $EDITOR)
  SSH_AUTH_SOCK     the SSH agent, for sign --key
  GIT_SSH_COMMAND   and the other variables by which git reaches other machines

  carry.vault       in git's configuration: the vault's directory
  carry.fingerprints   in a checkout: the file that its guard compares with, instead of the vault
  carry.privateRemote  a URL to which embargoed work may be pushed; there may be many

Other GIT_ variables are ignored: nothing in the environment can make a vault run a program.`),

		topic("files", "Files of a vault", `A vault is a bare git repository, mode 0700, without remotes. Git can read all of it.

  refs/carry/ledger                        who did what, when and why: the only source of truth
  refs/carry/stacks/<component>/<version>  the deployment branch; derived from the ledger
  refs/carry/public/<component>/…          public branches as they were fetched
  refs/carry/shared                        the shared ledger as it was last seen (git carry sync)
  carry-tmp/                               work in progress; doctor --fix sweeps it
  carry.lock                               held for the moment in which refs move
  carry-forecast.json                      what the last forecasts said; may be deleted at any time
  carry-channels.toml                      how this vault tells people something; not in the ledger
  carry-notices.json                       what could not be delivered last; may be deleted at any time
  carry-drafts/<version>/<id>~<person>.log what was chosen on the screen of git carry resolve, until it is recorded

The tree of the ledger holds one fact per file, in TOML:

  carry.toml                 the format and the id of the vault
  owners.toml                the people, their keys and the policy
  components/, versions/     the repositories, and the public commits that versions start from
  patches/<id>/              one patch: what it is, and where it stands in each version
  conflicts/, resolutions/   what did not merge, and what somebody made of it
  handoffs/                  who was asked to go on with it
  signatures/                who agreed to exactly which result, with the SSH signature if there is one
  delegations/               who may sign for the owner, with the owner's SSH signature if there is one
  targets/                   where the stacks go, and what was last read back from there

  git log --first-parent refs/carry/ledger      the ledger as git shows it
  git show refs/carry/ledger:owners.toml        one of its files

A clone is no backup: a vault hides its refs from clones. While nobody writes, copy it whole:

  cp -a VAULT COPY`),
	}
}
