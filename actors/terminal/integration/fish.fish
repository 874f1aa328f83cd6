# Sourced after the person's configuration: marks around prompts and commands.
if status is-interactive; and not set -q __bulkhead_on
    set -g __bulkhead_on 1
    set -g __bulkhead_folder ''

    function __bulkhead_escape
        string replace -a '\\' '\\\\' -- $argv[1] | string replace -a ';' '\\x3b' | string replace -a \e '\\x1b' | string replace -a \a '\\x07' | string join '\\x0a'
    end

    function __bulkhead_on_prompt --on-event fish_prompt
        if test "$PWD" != "$__bulkhead_folder"
            set -g __bulkhead_folder $PWD
            printf '\e]7;file://%s%s\a' $hostname (string escape --style=url -- $PWD)
        end
    end

    function __bulkhead_on_preexec --on-event fish_preexec
        printf '\e]633;E;%s\a\e]133;C\a' (__bulkhead_escape $argv[1])
    end

    function __bulkhead_on_postexec --on-event fish_postexec
        printf '\e]133;D;%s\a' $status
    end

    if functions -q fish_prompt; and not functions -q __bulkhead_own_prompt
        functions -c fish_prompt __bulkhead_own_prompt
        function fish_prompt
            set -l __bulkhead_status $status
            printf '\e]133;A\a'
            # The person's prompt must see the status of the last command.
            __bulkhead_status_is $__bulkhead_status
            __bulkhead_own_prompt
            printf '\e]133;B\a'
        end
    end

    function __bulkhead_status_is
        return $argv[1]
    end
end
