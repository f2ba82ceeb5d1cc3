# The far side of an attempt: a POSIX shell (dash, bash and busybox are tested) with cat, chmod, dd, grep, head, id, ls, mkdir, mkfifo,
# mv, rm, sleep, tr, wc, and where there is one setsid and find. The engine sends this text on standard input, behind it what it means by rb_work,
# rb_input, rb_check, rb_values and rb_elsewhere; nothing of it ever stands in an argument vector.
#
# One directory for each attempt is all its state. mkdir is the lock: whoever makes it starts the command, everybody else attaches.
# It is below the home (or /var/tmp), never on a tmpfs or in a cache: what is lost with a logout or a reboot would say "never began" of what did.
#
#   pid     supervisor's pid, boot and start time; there before the command starts
#   out err what the command wrote        output  what it left in $RUNBOOK_OUTPUT
#   note    what the supervisor's shell said ("Killed")
#   exit    `exit CODE`, `signal NUMBER` or `never`, by rename: there, or not
#
# What it says on standard output: lines, and after `o`, `e` and `v` that many bytes.
#   runbook 1 TOKEN   hello; what came before is somebody's greeting
#   n WHY             not started: `program`, `directory`
#   f WHY             this wrapper cannot work here; nothing was started
#   b began|found     the command is under way, or was before
#   o N, e N, v N     bytes of out, err, output
#   l PID…            what the command left behind
#   t                 out and err are gone: it ended long ago
#   k                 still here
#   x exit CODE | x signal NUMBER | x never | x lost WHY | x ended

rb_over() { printf '%s\n' "$1"; exit 0; }

# Sets rb_root to where the attempt is, else to where it would begin.
rb_find() {
  rb_uid=$(id -u)
  rb_root=
  for rb_base in "${HOME:-/nonexistent}/.local/state/runbook/attempts" "/var/tmp/runbook-$rb_uid"; do
    if [ -d "$rb_base/$rb_token" ] && rb_own "$rb_base"; then
      rb_root=$rb_base
      return
    fi
  done
  for rb_base in "${HOME:-/nonexistent}/.local/state/runbook/attempts" "/var/tmp/runbook-$rb_uid"; do
    if [ "$rb_base" != "/nonexistent/.local/state/runbook/attempts" ] && mkdir -p "$rb_base" 2>/dev/null && rb_own "$rb_base"; then
      rb_root=$rb_base
      return
    fi
  done
  rb_over 'f directory'
}

# A directory, no link, mine, and nobody else's business.
rb_own() {
  [ -d "$1" ] && [ ! -L "$1" ] || return 1
  chmod 700 "$1" 2>/dev/null || return 1
  set -- $(ls -nd "$1")
  case "$1 $3" in drwx------*" $rb_uid") return 0 ;; esac
  return 1
}

rb_record() { # TEXT: on a full disk, until there is room
  until printf '%s\n' "$1" >"$rb_dir/exit.new" && mv "$rb_dir/exit.new" "$rb_dir/exit"; do sleep 1; done 2>/dev/null
}

# --- the supervisor: in a session of its own, nobody waits for it

rb_supervise() {
  rb_umask=$(umask)
  umask 077
  # Otherwise bash does not say which of its children a signal ended.
  [ -z "${BASH_VERSION-}" ] || set +o posix
  # Caught, not ignored: a command starts with the default again.
  trap : TERM HUP
  rb_identity "$$"
  mkfifo "$rb_dir/out.pipe" "$rb_dir/err.pipe" || exit 1
  # Pipes as everywhere else: of a file, `echo > /dev/stderr` would empty what is there.
  cat <"$rb_dir/out.pipe" >>"$rb_dir/out" &
  rb_cats=$!
  cat <"$rb_dir/err.pipe" >>"$rb_dir/err" &
  rb_cats="$rb_cats $!"
  printf '%s %s %s\n' "$$" "$rb_now" "$rb_cats" >"$rb_dir/pid.new" && mv "$rb_dir/pid.new" "$rb_dir/pid" || exit 1
  if [ -f "$rb_dir/cancelled" ]; then
    rb_record never
    exit 0
  fi
  if [ "$rb_stdin" = yes ]; then
    rb_input | (umask "$rb_umask" && rb_work) >"$rb_dir/out.pipe" 2>"$rb_dir/err.pipe"
  else
    (umask "$rb_umask" && rb_work) </dev/null >"$rb_dir/out.pipe" 2>"$rb_dir/err.pipe"
  fi
  rb_code=$?
  # The pipes may stay open in what the command left behind: a moment for the rest.
  rb_try=0
  for rb_cat in $rb_cats; do
    while kill -0 "$rb_cat" 2>/dev/null && [ "$rb_try" -lt 20 ]; do
      rb_try=$((rb_try + 1))
      rb_nap 0.01
    done
  done
  (rb_values) >/dev/null 2>&1 </dev/null
  # A shell says so when a signal ended its child; 128 and more alone may be an exit code.
  if [ "$rb_code" -gt 128 ] && [ -s "$rb_dir/note" ]; then
    rb_record "signal $((rb_code - 128))"
  else
    rb_record "exit $rb_code"
  fi
  rm -f "$rb_dir/out.pipe" "$rb_dir/err.pipe"
  rb_clean
}

# What ended long ago: its output after a week, all of it after a quarter. Until then a resumed run finds it.
rb_clean() {
  find "$rb_root" -mindepth 2 -maxdepth 2 -name exit -mtime +7 2>/dev/null | while read -r rb_old; do
    rm -f "${rb_old%/exit}/out" "${rb_old%/exit}/err" "${rb_old%/exit}/output"
  done
  find "$rb_root" -mindepth 2 -maxdepth 2 -name exit -mtime +90 2>/dev/null | while read -r rb_old; do
    rm -rf "${rb_old%/exit}"
  done
}

# Sets rb_now to what tells this process from a later one with its pid: boot and start time. False for none, or a zombie: in a
# container nobody may bury the dead.
rb_identity() { # PID
  read -r rb_boot 2>/dev/null </proc/sys/kernel/random/boot_id || rb_boot=unknown
  rb_now=$rb_boot:
  kill -0 "$1" 2>/dev/null || return 1
  if read -r rb_line 2>/dev/null <"/proc/$1/stat"; then
    set -- ${rb_line##*) }
    case $1 in Z | X) return 1 ;; esac
    shift 19
    rb_now=$rb_boot:$1
  fi
}

rb_nap() { sleep "$1" 2>/dev/null || sleep 1; }

# --- a contact: what ssh runs

rb_ensure() {
  if [ ! -d "$rb_dir" ]; then
    rb_why=$(rb_check 2>/dev/null) || rb_over "n ${rb_why:-program}"
    if mkdir "$rb_dir" 2>/dev/null; then
      if : >"$rb_dir/out" && : >"$rb_dir/err"; then
        rb_launch
        printf 'b began\n'
        return
      fi
      rm -rf "$rb_dir"
      rb_over 'f write'
    fi
    [ -d "$rb_dir" ] || rb_over 'f write'
  fi
  printf 'b found\n'
}

# From mkdir to here nothing is said: a lost connection must not come between.
rb_launch() {
  rb_new=$(command -v setsid) || rb_new=
  (
    umask "$rb_umask"
    printf '%s\n' "$rb_text" | $rb_new sh -c 'rb_role=supervise; rb_text=$(cat) && eval "$rb_text"' >/dev/null 2>"$rb_dir/note" &
  )
}

# An attempt that is not there never begins: the directory is taken, so that a contact on its way finds it taken.
rb_void() {
  if [ ! -d "$rb_dir" ] && mkdir "$rb_dir" 2>/dev/null; then rb_record never; fi
  [ -d "$rb_dir" ] || rb_over 'f write'
}

rb_pass() { # KIND FILE; file descriptor 5 or 6 stands at rb_at
  rb_size=$(wc -c 2>/dev/null <"$rb_dir/$2") || return
  rb_more=$((rb_size - rb_at))
  while [ "$rb_more" -gt 0 ]; do
    rb_part=$rb_more
    [ "$rb_part" -le 1048576 ] || rb_part=1048576
    printf '%s %s\n' "$1" "$rb_part" || exit 0
    case $1 in
      o) dd bs="$rb_part" count=1 <&5 2>/dev/null ;;
      *) dd bs="$rb_part" count=1 <&6 2>/dev/null ;;
    esac || exit 0
    rb_at=$((rb_at + rb_part))
    rb_more=$((rb_more - rb_part))
    rb_idle=0
  done
}

rb_skip() { # BYTES, from standard input
  [ "$1" -lt 65536 ] || dd bs=65536 count="$(($1 / 65536))" of=/dev/null 2>/dev/null
  [ "$(($1 % 65536))" -eq 0 ] || dd bs="$(($1 % 65536))" count=1 of=/dev/null 2>/dev/null
}

# True while the supervisor lives, or may be about to.
rb_alive() {
  if [ ! -f "$rb_dir/pid" ]; then
    rb_unborn=$((rb_unborn + 1))
    [ "$rb_unborn" -lt 100 ]
    return
  fi
  read -r rb_pid rb_born rb_cats <"$rb_dir/pid"
  rb_identity "$rb_pid" && [ "$rb_now" = "$rb_born" ]
}

rb_follow() {
  rb_idle=0 rb_unborn=0 rb_dead=0
  if [ -f "$rb_dir/out" ] && [ -f "$rb_dir/err" ]; then
    exec 5<"$rb_dir/out" 6<"$rb_dir/err"
    rb_skip "$rb_out_at" <&5
    rb_skip "$rb_err_at" <&6
  else
    printf 't\n'
  fi
  while :; do
    # Seen before the sizes are: then all output is there.
    rb_done=
    [ ! -f "$rb_dir/exit" ] || rb_done=yes
    if [ -f "$rb_dir/out" ]; then
      rb_at=$rb_out_at && rb_pass o out && rb_out_at=$rb_at
      rb_at=$rb_err_at && rb_pass e err && rb_err_at=$rb_at
    fi
    [ -z "$rb_done" ] || break
    if rb_alive; then
      rb_dead=0
    else
      rb_dead=$((rb_dead + 1))
      [ "$rb_dead" -lt 3 ] || rb_over 'x lost its supervisor is gone: the machine was restarted, or somebody killed it'
    fi
    rb_idle=$((rb_idle + 1))
    if [ "$rb_idle" -lt 10 ]; then
      rb_nap 0.02
    elif [ "$rb_idle" -lt 40 ]; then
      rb_nap 0.1
    else
      rb_nap 0.25
      # Somebody there? If not, this ends here; the command goes on.
      [ "$((rb_idle % 20))" -ne 0 ] || printf 'k\n' || exit 0
    fi
  done
  read -r rb_end <"$rb_dir/exit"
  if [ -f "$rb_dir/output" ] && [ ! -L "$rb_dir/output" ] && [ -s "$rb_dir/output" ]; then
    rb_size=$(wc -c <"$rb_dir/output")
    rb_size=$((rb_size))
    [ "$rb_size" -le 1048577 ] || rb_size=1048577
    printf 'v %s\n' "$rb_size"
    dd bs="$rb_size" count=1 <"$rb_dir/output" 2>/dev/null
  fi
  rb_left=$(rb_carriers)
  [ -z "$rb_left" ] || printf 'l %s\n' "$rb_left"
  rb_over "x $rb_end"
}

# --- ending

# Pids with the token in their environment, in one line. All files in one pass: a process for each would take half a second.
rb_carriers() {
  head -v -c 1048576 /proc/[0-9]*/environ 2>/dev/null | tr '\0' '\n' |
    grep -xE "==> /proc/[0-9]+/environ <==|RUNBOOK_ATTEMPT=$rb_token" | while read -r rb_line; do
    case $rb_line in
      "==> "*) rb_file=${rb_line#==> /proc/} ;;
      *) printf '%s ' "${rb_file%%/*}" ;;
    esac
  done
}

# Those, and what descends from them or from the supervisor; not the supervisor itself, whose word is the exit file.
rb_members() {
  rb_pid= rb_cats= rb_known=" "
  [ ! -f "$rb_dir/pid" ] || read -r rb_pid rb_born rb_cats <"$rb_dir/pid"
  # Itself and no later one, and a number: 0 and 1 are everybody's parents.
  case $rb_pid in
    '' | 0 | 1 | *[!0-9]*) ;;
    *) ! rb_alive || rb_known=" $rb_pid " ;;
  esac
  rb_known="$rb_known$(rb_carriers)"
  rb_all=
  for rb_file in /proc/[0-9]*/stat; do
    read -r rb_line 2>/dev/null <"$rb_file" || continue
    rb_rest=${rb_line##*) }
    case $rb_rest in Z* | X*) continue ;; esac
    rb_rest=${rb_rest#* }
    rb_all="$rb_all ${rb_line%% *}:${rb_rest%% *}"
  done
  rb_before=
  while [ "$rb_before" != "$rb_known" ]; do
    rb_before=$rb_known
    for rb_pair in $rb_all; do
      case $rb_known in
        *" ${rb_pair%%:*} "*) ;;
        *" ${rb_pair##*:} "*) rb_known="$rb_known${rb_pair%%:*} " ;;
      esac
    done
  done
  rb_members=
  # Whatever went wrong before: nobody's work is everybody.
  case $rb_known in *" 0 "* | *" 1 "*) return ;; esac
  for rb_one in $rb_known; do
    case " $rb_pid $rb_cats $$ " in
      *" $rb_one "*) ;;
      *) rb_members="$rb_members $rb_one" ;;
    esac
  done
}

# Over: its end is recorded, or nobody is left to record it.
rb_ended() {
  [ -f "$rb_dir/exit" ] || ! rb_alive
}

rb_end() {
  rb_try=0 rb_unborn=0
  # Whoever is about to start it looks for this after it has said its pid.
  : >"$rb_dir/cancelled"
  rb_members
  [ -z "$rb_members" ] || kill -TERM $rb_members 2>/dev/null
  while [ "$rb_try" -lt "$rb_grace" ]; do
    rb_members
    if [ -z "$rb_members" ] && rb_ended; then break; fi
    rb_try=$((rb_try + 1))
    rb_nap 0.1
  done
  rb_clear=0 rb_try=0
  while [ "$rb_clear" -lt 2 ] && [ "$rb_try" -lt 60 ]; do
    rb_members
    # Twice: what forks while we look can slip through one pass.
    if [ -n "$rb_members" ]; then
      rb_clear=0
      kill -KILL $rb_members 2>/dev/null
    elif rb_ended; then
      rb_clear=$((rb_clear + 1))
    fi
    rb_try=$((rb_try + 1))
    rb_nap 0.02
  done
  (rb_elsewhere) >/dev/null 2>&1 </dev/null
  [ -z "$rb_members" ] || printf 'l %s\n' "$rb_members"
  rb_over 'x ended'
}

if [ "$rb_role" = supervise ]; then
  rb_find
  rb_dir=$rb_root/$rb_token
  rb_supervise
  exit 0
fi
rb_umask=$(umask)
umask 077
printf 'runbook 1 %s\n' "$rb_token"
rb_find
rb_dir=$rb_root/$rb_token
case $rb_mode in
  ensure) rb_ensure && rb_follow ;;
  attach) rb_void && printf 'b found\n' && rb_follow ;;
  end) rb_void && rb_end ;;
esac
