// What shells run at TAB. All of them ask this program's hidden verb __complete, so that the words are known in one place.

export const shells = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof shells)[number];

/** The program that kubectl 1.26 and newer looks for on PATH to complete the words after `kubectl mkebackup`. */
export const shimName = { posix: "kubectl_complete-mkebackup", windows: "kubectl_complete-mkebackup.cmd" } as const;

export const shim = {
  posix: `#!/bin/sh
# kubectl (1.26 and newer) runs this to complete the words after "kubectl mkebackup". It belongs into a folder on PATH,
# executable, under the name kubectl_complete-mkebackup:  kubectl mkebackup completion kubectl --install
{ kubectl-mkebackup __complete "$@"; } 2>/dev/null
exit 0
`,
  windows: [
    "@echo off",
    'rem kubectl (1.26 and newer) runs this to complete the words after "kubectl mkebackup". It belongs into a folder on',
    "rem PATH, under the name kubectl_complete-mkebackup.cmd:  kubectl mkebackup completion kubectl --install",
    "kubectl-mkebackup.exe __complete %* 2>nul",
    "exit /b 0",
    "",
  ].join("\r\n"),
} as const;

/** A file with this in it was written by this program, whatever its version. */
export const isOurShim = (text: string): boolean => /kubectl-mkebackup(\.exe)? __complete/.test(text);

const bash = `# bash completion for kubectl-mkebackup
#
# For this session:
#     source <(kubectl-mkebackup completion bash)
# For every session, where the package bash-completion is installed:
#     mkdir -p ~/.local/share/bash-completion/completions
#     kubectl-mkebackup completion bash > ~/.local/share/bash-completion/completions/kubectl-mkebackup
# and without it:
#     echo 'source <(kubectl-mkebackup completion bash)' >> ~/.bashrc
# For an alias:
#     alias kmb='kubectl mkebackup'; complete -o default -F __kubectl_mkebackup kmb
#
# "kubectl mkebackup" itself is completed by kubectl:  kubectl mkebackup completion kubectl --install

# Sets words to those up to the cursor as they were typed: bash has cut them at = and : too.
__kubectl_mkebackup_words() {
    local rest=\${COMP_LINE:0:COMP_POINT} trimmed piece i
    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        trimmed=\${rest#"\${rest%%[![:space:]]*}"}
        piece=\${COMP_WORDS[i]}
        ((i == COMP_CWORD)) && piece=$trimmed
        if ((i == 0)) || [[ $trimmed != "$rest" ]]; then
            words+=("$piece")
        else
            words[\${#words[@]}-1]+=$piece
        fi
        rest=\${trimmed#"$piece"}
    done
    # Quotes are the shell's, and no part of a name.
    words=("\${words[@]//[\\"\\'\\\\]/}")
}

__kubectl_mkebackup() {
    local words line reply current lead= kept= mark width=0 directive=0 i
    local values=() notes=()
    COMPREPLY=()
    __kubectl_mkebackup_words
    current=\${words[\${#words[@]}-1]}
    while IFS= read -r line; do
        if [[ $line =~ ^:[0-9]+$ ]]; then
            directive=\${line:1}
            continue
        fi
        reply=\${line%%$'\\t'*}
        values+=("$reply")
        notes+=("\${line:\${#reply}+1}")
    done < <(command kubectl-mkebackup __complete "\${words[@]:1}" 2>/dev/null </dev/null)

    ((directive & 2)) && compopt -o nospace 2>/dev/null
    ((directive & 4)) && compopt +o default 2>/dev/null
    ((directive & 32)) && compopt -o nosort 2>/dev/null

    # The values of --flag=VALUE come without the flag. bash puts a word in place of what follows the last = : or @ alone.
    [[ $current == -*=* ]] && lead=\${current%%=*}=
    for mark in = : @; do
        [[ $COMP_WORDBREAKS == *$mark* && $current == *$mark* ]] || continue
        line=\${current%"\${current##*$mark}"}
        ((\${#line} > \${#kept})) && kept=$line
    done
    for i in "\${!values[@]}"; do
        values[i]=\${lead}\${values[i]}
        values[i]=\${values[i]#"$kept"}
        ((\${#values[i]} > width)) && width=\${#values[i]}
    done

    if ((\${#values[@]} == 1)); then
        reply=\${values[0]}
        [[ $reply == *[[:space:]]* ]] && printf -v reply %q "$reply"
        COMPREPLY=("$reply")
        return
    fi
    for i in "\${!values[@]}"; do
        reply=\${values[i]}
        # Where the words themselves are put in one after the other (37, 42), a note would be put in too.
        if [[ -n \${notes[i]} ]] && ((COMP_TYPE != 37 && COMP_TYPE != 42)); then
            printf -v reply '%-*s  (%s)' "$width" "$reply" "\${notes[i]}"
            ((\${#reply} < \${COLUMNS:-80})) || reply="\${reply:0:\${COLUMNS:-80}-4}...)"
        fi
        COMPREPLY+=("$reply")
    done
}

complete -o default -F __kubectl_mkebackup kubectl-mkebackup
`;

const zsh = `#compdef kubectl-mkebackup
#
# zsh completion for kubectl-mkebackup. It needs zsh's own completion:  autoload -U compinit; compinit
#
# For this session:
#     source <(kubectl-mkebackup completion zsh)
# For every session:
#     kubectl-mkebackup completion zsh > "\${fpath[1]}/_kubectl-mkebackup"
# For an alias, beside setopt complete_aliases:
#     alias kmb='kubectl mkebackup'; compdef _kubectl-mkebackup kmb
#
# "kubectl mkebackup" itself is completed by kubectl:  kubectl mkebackup completion kubectl --install

_kubectl-mkebackup() {
    local line value directive=0
    local -a before described order suffix
    (( CURRENT > 2 )) && before=("\${(@Q)words[2,CURRENT-1]}")
    for line in "\${(@f)$(command kubectl-mkebackup __complete "\${before[@]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)}"; do
        if [[ $line == :<-> ]]; then
            directive=\${line#:}
        elif [[ -n $line ]]; then
            value=\${line%%$'\\t'*}
            value=\${value//:/\\\\:}
            [[ $line == *$'\\t'* ]] && value+=":\${line#*$'\\t'}"
            described+=("$value")
        fi
    done
    # The values of --flag=VALUE come without the flag.
    [[ $PREFIX == -*=* ]] && compset -P 1 '*='
    (( directive & 2 )) && suffix=(-S '')
    (( directive & 32 )) && order=(-V)
    if (( $#described )); then
        _describe $order 'completions' described "\${suffix[@]}"
    elif (( ! (directive & 4) )); then
        _files
    fi
}

if [[ $funcstack[1] == _kubectl-mkebackup ]]; then
    _kubectl-mkebackup "$@"
else
    compdef _kubectl-mkebackup kubectl-mkebackup
fi
`;

const fish = `# fish completion for kubectl-mkebackup
#
# For this session:
#     kubectl-mkebackup completion fish | source
# For every session:
#     kubectl-mkebackup completion fish > ~/.config/fish/completions/kubectl-mkebackup.fish
#
# "kubectl mkebackup" itself is completed by kubectl:  kubectl mkebackup completion kubectl --install

function __kubectl_mkebackup
    set -l before (commandline -opc)
    set -e before[1]
    set -l current (commandline -ct)
    set -l lines (command kubectl-mkebackup __complete $before "$current" 2>/dev/null </dev/null)
    # The values of --flag=VALUE come without the flag.
    set -l lead (string match -r -- '^-[^=]*=' "$current")
    set -l directive 0
    for line in $lines
        if string match -qr -- '^:[0-9]+$' "$line"
            set directive (string sub -s 2 -- "$line")
        else
            printf '%s\\n' "$lead$line"
        end
    end
    if test (count $lines) -le 1; and test (math "floor($directive / 4) % 2") -eq 0
        for path in (__fish_complete_path (string replace -r -- '^-[^=]*=' '' "$current"))
            printf '%s\\n' "$lead$path"
        end
    end
end

complete -c kubectl-mkebackup -e
complete -c kubectl-mkebackup -k -f -a '(__kubectl_mkebackup)'
`;

const powershell = `# PowerShell completion for kubectl-mkebackup
#
# For this session:
#     kubectl-mkebackup completion powershell | Out-String | Invoke-Expression
# For every session: the same line in the file that $PROFILE names.
#
# "kubectl mkebackup" itself is completed by kubectl:  kubectl mkebackup completion kubectl --install

Register-ArgumentCompleter -Native -CommandName 'kubectl-mkebackup', 'kubectl-mkebackup.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text.Trim([char[]](34, 39)) })
    if ("$wordToComplete" -eq '') {
        # Before 7.3, PowerShell drops an empty argument unless it is quoted once more.
        $version = $PSVersionTable.PSVersion
        $drops = $version.Major -lt 7 -or ($version.Major -eq 7 -and $version.Minor -lt 3) -or
            "$PSNativeCommandArgumentPassing" -eq 'Legacy'
        $words += $(if ($drops) { '""' } else { '' })
    }
    # The values of --flag=VALUE come without the flag.
    $lead = $(if ("$wordToComplete" -match '^-[^=]*=') { $Matches[0] } else { '' })
    $directive = 0
    $found = @(foreach ($line in @(kubectl-mkebackup __complete @words 2>$null)) {
        if ($line -match '^:(\\d+)$') { $directive = [int]$Matches[1]; continue }
        $value, $note = $line -split [char]9, 2
        if (-not $note) { $note = $value }
        [System.Management.Automation.CompletionResult]::new("$lead$value", $value, 'ParameterValue', $note)
    })
    if ($found.Count -gt 0) { return $found }
    # Nothing would make PowerShell offer files.
    if ($directive -band 4) { return '' }
}
`;

export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish, powershell };
