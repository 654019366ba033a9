// The three scripts. Each turns the line up to the cursor into unquoted words, asks `relux complete`, and
// quotes the answers as its shell wants them.
#include "tools/shell/completions.h"

namespace relux::cli {

namespace {

// Readline replaces only what follows the last of COMP_WORDBREAKS, or the quote that is still open; what
// stands before that is cut from each answer.
constexpr std::string_view kBash =
    R"script(# relux completion for bash, written by `relux completions --shell bash`
_relux() {
    local line=${COMP_LINE:0:COMP_POINT} word= kept= quote= started= c
    local -a words=()
    local -i i
    for ((i = 0; i < ${#line}; i++)); do
        c=${line:i:1}
        if [[ -n $quote ]]; then
            if [[ $c == "$quote" ]]; then
                quote=
            elif [[ $quote == '"' && $c == '\' && ${line:i+1:1} == [\"\\\$\`] ]]; then
                i+=1
                word+=${line:i:1}
            else
                word+=$c
            fi
        elif [[ $c == [\'\"] ]]; then
            quote=$c
            kept=$word
            started=1
        elif [[ $c == '\' ]]; then
            i+=1
            word+=${line:i:1}
            started=1
        elif [[ $c == [[:space:]] ]]; then
            [[ -n $started ]] && words+=("$word")
            word= kept= started=
        else
            word+=$c
            started=1
            [[ $c == [=:] && $COMP_WORDBREAKS == *"$c"* ]] && kept=$word
        fi
    done
    words+=("$word")

    local answer value
    COMPREPLY=()
    while IFS= read -r answer; do
        value=${answer%%$'\t'*}
        value=${value:${#kept}}
        [[ -n $quote ]] || printf -v value %q "$value"
        COMPREPLY+=("$value")
    done < <("${words[0]/#\~/$HOME}" complete -- "${words[@]:1}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace
    return 0
}
complete -F _relux relux
)script";

constexpr std::string_view kZsh = R"script(#compdef relux
# relux completion for zsh, written by `relux completions --shell zsh`
_relux() {
    local answer value
    local -a before values shown directories
    (( CURRENT > 2 )) && before=("${(@Q)words[2,CURRENT-1]}")
    for answer in "${(@f)$("${(Q)words[1]/#\~/$HOME}" complete -- "${before[@]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        value=${answer%%$'\t'*}
        [[ -n $value ]] || continue
        if [[ $value == */ ]]; then
            directories+=("$value")
        elif [[ $answer == *$'\t'?* ]]; then
            values+=("$value")
            shown+=("$value  -- ${answer#*$'\t'}")
        else
            values+=("$value")
            shown+=("$value")
        fi
    done
    local -i found=1
    (( $#values )) && compadd -l -d shown -a values && found=0
    (( $#directories )) && compadd -S '' -a directories && found=0
    return found
}
if [[ ${funcstack[1]} == _relux ]]; then
    _relux "$@"
else
    compdef _relux relux
fi
)script";

constexpr std::string_view kFish =
    R"script(# relux completion for fish, written by `relux completions --shell fish`
function __relux_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    # A quote that is still open is not part of the word.
    set -l plain (string replace -r '^["\']' '' -- "$current")
    test "$plain" = "$current"; and set plain (string unescape -- "$current"; or echo "$current")
    set -l program $words[1]
    set -e words[1]
    $program complete -- $words "$plain" 2>/dev/null
end
complete -c relux -f -a '(__relux_complete)'
)script";

}  // namespace

std::string_view completion_script(std::string_view shell) {
    if (shell == "zsh") return kZsh;
    return shell == "fish" ? kFish : kBash;
}

}  // namespace relux::cli
