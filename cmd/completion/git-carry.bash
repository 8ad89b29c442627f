# Completion of "git carry" in bash. Git's own completion calls this function for
# the words behind "git carry"; bash-completion loads this file when it is needed.
# The answers come from the program itself: "git carry __complete WORD…".

_git_carry() {
	local out directive value about line
	out=$(__git carry __complete "${words[@]:__git_cmd_idx+1:cword-__git_cmd_idx-1}" "$cur") || return
	directive=${out##*:}
	out=${out%:*}

	COMPREPLY=()
	local space=' '
	((directive & 2)) && space=''
	while IFS= read -r line; do
		value=${line%%$'\t'*}
		about=${line#"$value"}
		[[ $value == "${cur##*=}"* || $value == "$cur"* ]] || continue
		# 63 is the list of possible words, which people read; else bash inserts.
		if [[ ${COMP_TYPE-} == 63 && $about ]]; then
			COMPREPLY+=("$value  (${about#$'\t'})")
		elif [[ $value ]]; then
			COMPREPLY+=("$value$space")
		fi
	done <<<"$out"
	# One word is inserted even from the list: without what it is about.
	if [[ ${#COMPREPLY[@]} == 1 ]]; then
		COMPREPLY=("${COMPREPLY[0]%%  (*}")
		[[ ${COMPREPLY[0]} == *" " ]] || COMPREPLY=("${COMPREPLY[0]}$space")
	fi
	# 4: no file belongs here, so bash must not offer any.
	if ((directive & 4)) && [[ ${#COMPREPLY[@]} == 0 ]]; then
		compopt +o default +o bashdefault 2>/dev/null
	fi
}
