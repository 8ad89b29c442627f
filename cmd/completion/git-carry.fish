# Completion of "git carry" in fish, beside fish's own completion of git. It belongs
# into conf.d: fish looks for the completion of git in one file only, and that is
# taken. The answers come from the program itself: "git carry __complete WORD…".

function __fish_git_carry
    set -l words (commandline -opc)
    while set -q words[1]; and not contains -- $words[1] carry git-carry
        set -e words[1]
    end
    set -e words[1]
    set -l answers (git carry __complete $words (commandline -ct) 2>/dev/null)
    set -q answers[1]; or return
    set -l directive (string replace -r '^:' '' -- $answers[-1])
    set -e answers[-1]
    set -q answers[1]; and printf '%s\n' $answers
    # Bit 4: no file belongs here.
    if not set -q answers[1]; and test (math "floor($directive / 4) % 2") = 0
        __fish_complete_path (commandline -ct)
    end
end

complete -c git-carry -f -a '(__fish_git_carry)'
complete -c git -n __fish_git_needs_command -f -a carry -d 'Keep unreleased security patches'
complete -c git -n '__fish_git_using_command carry' -f -a '(__fish_git_carry)'
