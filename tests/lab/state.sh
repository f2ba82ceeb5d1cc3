# shellcheck shell=bash
# Names shared by up, down and check. Sourced; has no effects.

# Everything the lab makes carries this label, or belongs to a compose project whose name begins with it.
# shellcheck disable=SC2034 # used where this is sourced
lab=runbook-lab
lab_state="${XDG_CACHE_HOME:-$HOME/.cache}/runbook-lab"
# "PID START": the Engine that up started. The start time tells a reused process id apart.
lab_engine_file="$lab_state/dockerd"

say() { printf 'lab: %s\n' "$*"; }
fail() {
  printf 'lab: %s\n' "$@" >&2
  exit 1
}

# An Engine that hangs is as good as none.
engine_answers() { command -v docker >/dev/null && timeout 20 docker info >/dev/null 2>&1; }

# The 22nd field of stat, counted after the program's name, which may hold blanks.
process_start() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# Prints the process id of the Engine that up started, if it still runs.
own_engine() {
  local pid start
  [[ -r $lab_engine_file ]] && read -r pid start <"$lab_engine_file" || return 1
  [[ $(cat "/proc/$pid/comm" 2>/dev/null) == dockerd && $(process_start "$pid") == "$start" ]] || return 1
  printf '%s\n' "$pid"
}
