# git-carry is plain Go: `go build ./cmd/git-carry` makes the program. What is here
# keeps the house and puts the program, its manual and its completion in place.

PREFIX  ?= /usr/local
DESTDIR ?=
GO      ?= go

BIN   = $(DESTDIR)$(PREFIX)/bin
SHARE = $(DESTDIR)$(PREFIX)/share

# Pinned, so that a check that passed yesterday passes today.
GOFUMPT     = mvdan.cc/gofumpt@v0.12.0
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

FUZZTIME ?= 30s

.PHONY: all build axe check format vet test together leaks crashes golden man install uninstall fuzz merges bench bench-smoke bench-tables reality reality-fleet fidelity suggest radar pictures clean

all: build

# Without cgo the program starts in three quarters of the time, and needs no library.
build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/git-carry ./cmd/git-carry

# check is what must pass before a change goes in.
check: format vet
	$(GO) mod tidy -diff
	$(GO) test -race ./...

# format fails with the list of files that gofumpt would change.
format:
	@files=$$($(GO) run $(GOFUMPT) -l .) && \
	if [ -n "$$files" ]; then echo "not formatted by gofumpt:"; echo "$$files"; exit 1; fi

vet:
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

test:
	$(GO) test ./...

# together lets eight clones of one vault work and exchange at once, hundreds of commands,
# and holds what comes of it against a model.
COMMANDS ?= 40
together:
	$(GO) test ./cmd/git-carry -run TestManyClonesLoseNothing -v -timeout 0 -syncclones 8 -synccommands $(COMMANDS) -syncseed $(SEED)

# leaks plays 500 histories in which embargoed work may get out: by every form of push and check, each
# with its control, and by what a fetch tells the server, with both protocols.
LEAKS ?= 500
leaks:
	$(GO) test ./cmd/git-carry -run TestGuardStopsWhatLeaksAndNothingElse -v -timeout 0 -leakworlds $(LEAKS) -leakpushes 2 -leakseed $(SEED)
	$(GO) test ./gitops -run TestFetchTellsNoPrivateID -timeout 0 -fetchworlds $$(( ($(LEAKS) + 5) / 6 ))

# crashes kills every command of the urgent lane, in every state, at every step that changes anything, and
# lets it go on, and the other commands likewise; the tests kill at a few of them. It takes half an hour.
crashes:
	$(GO) test ./cmd/git-carry -run 'TestUrgentLaneGoesOnAfterAKill|TestCrashAtEveryStepIsBeforeOrAfter' -v -timeout 0 -everystep

# axe fetches what the page of a report is checked with in a browser (go test ./patchset/audit); it needs npm.
axe:
	npm ci --prefix patchset/audit/testdata/axe --ignore-scripts --no-fund --no-audit

# drill tries the urgent lane out, by the program and on this machine.
drill: build
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	bin/git-carry init -q "$$dir/vault" && bin/git-carry --vault "$$dir/vault" urgent drill --loopback --versions 3 --targets 12

# urgent plays the urgent lane from open to retired over git's own transports, and shows
# what each stage took.
urgent:
	$(GO) test ./cmd/git-carry -run 'TestUrgentLane$$' -v -timeout 0 -urgentversions 20 -urgenttargets 200

# golden writes anew what tests compare with. Look at the difference before you keep it.
golden:
	UPDATE_HELP=1 $(GO) test ./cmd -run TestHelpIsGolden
	UPDATE_SCRIPTS=1 $(GO) test ./cmd/git-carry -run TestScript

man: build
	bin/git-carry man man

# Git opens the manual for `git carry --help` when it is in share/man beside bin.
install: build
	install -d "$(BIN)" "$(SHARE)/bash-completion/completions" "$(SHARE)/zsh/site-functions" "$(SHARE)/fish/vendor_conf.d"
	install -m 755 bin/git-carry "$(BIN)/git-carry"
	bin/git-carry --quiet man "$(SHARE)/man/man1"
	bin/git-carry completion bash > "$(SHARE)/bash-completion/completions/git-carry"
	bin/git-carry completion zsh > "$(SHARE)/zsh/site-functions/_git-carry"
	bin/git-carry completion fish > "$(SHARE)/fish/vendor_conf.d/git-carry.fish"

uninstall:
	rm -f "$(BIN)/git-carry" "$(SHARE)"/man/man1/git-carry.1 "$(SHARE)"/man/man1/git-carry-*.1
	rm -f "$(SHARE)/bash-completion/completions/git-carry" "$(SHARE)/zsh/site-functions/_git-carry" "$(SHARE)/fish/vendor_conf.d/git-carry.fish"

# fuzz gives every fuzz target a while.
fuzz:
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package || exit 1; \
		done; \
	done

# merges compares random merges of trees with those of the installed git; for texts
# FuzzText does it. GIT_CARRY_NEWER_GIT may name a second git.
MERGES ?= 10000
SEED   ?= 1
merges:
	$(GO) test ./gitops -run TestTreeMergerAgainstGit -treemerges $(MERGES) -treeseed $(SEED) -timeout 0 -v
	$(GO) test ./patchset/merge3 -run '^$$' -fuzz '^FuzzText$$' -fuzztime $(MERGES)x

# bench runs the Go benchmarks, and with ARGS the program that compares the train
# with what git itself offers: make bench ARGS='-scenario week'; see docs/BENCHMARKS.md.
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...
	@test -z "$(ARGS)" || $(GO) run ./bench $(ARGS)

# bench-smoke is small: do all ways make the same trees, and are we no slower than git rebase?
bench-smoke:
	$(GO) run ./bench -smoke
	$(GO) run ./bench/ledger -weeks 8 -weekly 3 -rounds 1

# bench-tables writes all tables of docs/BENCHMARKS.md: some hours, on a machine that does
# nothing else. CACHE keeps the generated repositories; ARGS may name a -newer-git.
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/git-carry-bench
bench-tables:
	@for scenario in week half-year many huge cold-start conflicts forecast fleet; do \
		$(GO) run ./bench -scenario $$scenario -cache "$(CACHE)" -out docs/BENCHMARKS.md -json bench/history.jsonl $(ARGS) || exit 1; \
	done
	$(GO) run ./bench/ledger -cache "$(CACHE)" -out docs/BENCHMARKS.md

# reality carries real public history. REPOS holds bare clones named as the components; see docs/REALITY.md.
reality:
	@test -d "$(REPOS)" || { echo 'say where the bare clones are: make reality REPOS=DIR (docs/REALITY.md)' >&2; exit 2; }
	$(GO) run ./bench/reality $(foreach name,CheckUser CentralAuth GlobalBlocking,-repo $(name)=$(REPOS)/$(name)) -out docs/REALITY.md $(ARGS)

# reality-fleet carries the real fixes of many repositories as one vault, and holds every train against git.
# REPOS holds bare clones as extensions/NAME and skins/NAME; FIXES may name a table of further fixes.
SINCE ?= 1.45.0-wmf.1
reality-fleet:
	@test -d "$(REPOS)" || { echo 'say where the bare clones are: make reality-fleet REPOS=DIR (docs/REALITY.md)' >&2; exit 2; }
	$(GO) run ./bench/reality -fleet -since $(SINCE) $(if $(FIXES),-fixes $(FIXES)) $(foreach name,$(shell cd "$(REPOS)" && ls -d */*),-repo $(name)=$(REPOS)/$(name)) -out docs/REALITY.md $(ARGS)

# fidelity merges real backports by our engine and by git and counts what differs.
# PICKS is the table of them, REPOS holds bare clones as owner/name; see docs/FIDELITY.md.
fidelity:
	@test -d "$(REPOS)" || { echo 'say where the bare clones are: make fidelity PICKS=FILE REPOS=DIR (docs/FIDELITY.md)' >&2; exit 2; }
	$(GO) run ./bench/fidelity $(if $(PICKS),-picks $(PICKS)) $(foreach name,$(shell cd "$(REPOS)" && ls -d */*),-repo $(name)=$(REPOS)/$(name)) $(ARGS)

# suggest holds the suggestions for real conflicts against what people wrote; see docs/SUGGESTIONS.md.
# TUNED are the repositories that were looked at when the sources were written.
TUNED = xen-project/xen,etcd-io/etcd,openstack/keystone,wikimedia/mediawiki-extensions-CheckUser,wikimedia/mediawiki-extensions-CentralAuth
suggest:
	@test -d "$(REPOS)" || { echo 'say where the bare clones are: make suggest PICKS=FILE REPOS=DIR (docs/SUGGESTIONS.md)' >&2; exit 2; }
	$(GO) run ./bench/suggest -picks $(PICKS) -tuned $(TUNED) $(foreach name,$(shell cd "$(REPOS)" && ls -d */*),-repo $(name)=$(REPOS)/$(name)) \
		-precision patchset/suggest/precision.go -out docs/SUGGESTIONS.md $(ARGS)

# radar carries real fixes over the points at which their branches stood, and counts what is told of
# those that became public, and of those that were lost. CORPORA has the tables; see docs/RADAR.md.
radar:
	@test -d "$(REPOS)" -a -d "$(CORPORA)" || { echo 'say where the tables and the bare clones are: make radar CORPORA=DIR REPOS=DIR (docs/RADAR.md)' >&2; exit 2; }
	$(GO) run ./bench/radar -corpora "$(CORPORA)" $(foreach name,$(shell cd "$(REPOS)" && ls -d */*),-repo $(name)=$(REPOS)/$(name)) -out docs/RADAR.md $(ARGS)

# pictures draws the screens of the README anew, from the real program; it needs tmux and Chromium.
pictures: build
	$(GO) run ./bench/pictures -program bin/git-carry -out docs/pictures

clean:
	rm -rf bin man
