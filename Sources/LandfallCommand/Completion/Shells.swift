func bashCompletion(of commands: [CompletedCommand]) -> String {
    let values = commands.flatMap { command in
        command.options.filter { $0.value != nil }.map { option in
            "            '\(command.name) \(option.name)') \(option.takesFile ? "files=yes" : ":") ;;"
        }
    }
    let cases = commands.map { command in
        let words = (command.options.map(\.name) + command.words).joined(separator: " ")
        return "                \(command.name)) words='\(words)'\(command.takesFiles ? " files=yes" : "") ;;"
    }
    return """
        # bash completion of landfall
        _landfall() {
            local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words='' files=''
            COMPREPLY=()
            if [ "$COMP_CWORD" -eq 1 ]; then
                words='\(commands.map(\.name).joined(separator: " ")) --help --version'
            else
                case "${COMP_WORDS[1]} $previous" in
        \(values.joined(separator: "\n"))
                    *) case "${COMP_WORDS[1]}" in
        \(cases.joined(separator: "\n"))
                    esac ;;
                esac
            fi
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
            if [ -n "$files" ]; then
                compopt -o filenames
                mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
            fi
        }
        complete -F _landfall landfall
        """
}

func zshCompletion(of commands: [CompletedCommand]) -> String {
    let names = commands.map { "        '\(zshQuoted($0.name)):\(zshQuoted($0.summary))'" }
    let cases = commands.map { command in
        let options = command.options.map { option in
            let value = option.value.map { ":\(zshQuoted($0)):\(option.takesFile ? "_files" : "")" } ?? ""
            return "'\(option.name)[\(zshQuoted(option.summary))]\(value)'"
        }
        let words = command.words.isEmpty ? [] : ["'1:word:(\(command.words.joined(separator: " ")))'"]
        let files = command.takesFiles ? ["'*:file:_files'"] : []
        return "        \(command.name)) _arguments \((options + words + files).joined(separator: " ")) ;;"
    }
    return """
        #compdef landfall
        _landfall() {
            local -a commands=(
        \(names.joined(separator: "\n"))
            )
            if (( CURRENT == 2 )); then
                _describe command commands
                return
            fi
            shift words
            (( CURRENT-- ))
            case $words[1] in
        \(cases.joined(separator: "\n"))
            esac
        }
        if [ "$funcstack[1]" = _landfall ]; then _landfall "$@"; else compdef _landfall landfall; fi
        """
}

func fishCompletion(of commands: [CompletedCommand]) -> String {
    let first = commands.map {
        "complete -c landfall -n __fish_use_subcommand -a \($0.name) -d '\(fishQuoted($0.summary))'"
    }
    let rest = commands.flatMap { command in
        let seen = "complete -c landfall -n '__fish_seen_subcommand_from \(command.name)'"
        let options = command.options.map { option in
            let value = option.value == nil ? "" : option.takesFile ? " -r -F" : " -x"
            return "\(seen) -l \(option.name.dropFirst(2))\(value) -d '\(fishQuoted(option.summary))'"
        }
        let words = command.words.isEmpty ? [] : ["\(seen) -a '\(command.words.joined(separator: " "))'"]
        return options + words + (command.takesFiles ? ["\(seen) -F"] : [])
    }
    return (["# fish completion of landfall", "complete -c landfall -f"] + first + rest).joined(separator: "\n")
}

/// Inside single quotes, and where brackets and colons mean something.
private func zshQuoted(_ text: String) -> String {
    text.reduce(into: "") { quoted, character in
        switch character {
        case "'": quoted += #"'\''"#
        case "[", "]", ":", "\\": quoted += "\\\(character)"
        default: quoted.append(character)
        }
    }
}

private func fishQuoted(_ text: String) -> String {
    text.reduce(into: "") { $0 += $1 == "'" || $1 == "\\" ? "\\\($1)" : String($1) }
}
