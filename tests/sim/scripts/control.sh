### if and else
if true; then echo yes; else echo no; fi; if false; then echo yes; else echo no; fi
### elif
x=2; if [ $x = 1 ]; then echo one; elif [ $x = 2 ]; then echo two; else echo many; fi; if false; then :; fi; echo $?
### a condition of several commands
if echo checking; false; then echo a; elif true && ! false; then echo b; fi
### for over words
for i in a "b c" d; do echo "<$i>"; done; echo $i; for i in; do echo never; done; echo $?
### for over arguments
for i; do echo "<$i>"; done
for i
do echo "$i."
done
### while
i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done; echo "end $i"
### until
i=3; until [ $i -eq 0 ]; do i=$((i-1)); echo $i; done
### break and continue
for i in 1 2 3 4 5; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done
### break out of two loops
for i in 1 2 3; do for j in a b c; do [ $j = b ] && continue 2; [ $i = 3 ] && break 2; echo $i$j; done; done
### while read
while read -r line; do echo "<$line>"; done < lines
### while read from a pipe
n=0; cat lines | while read -r l; do n=$((n+1)); echo "$n $l"; done; echo "outside $n"
### a last line without its end
printf 'a\nb' | while read -r l; do echo "<$l>"; done; printf 'a\nb' | while read -r l || [ -n "$l" ]; do echo "<$l>"; done
### case
for f in a.gz b.tgz c.txt d; do case "$f" in *.gz | *.tgz) echo "packed $f" ;; *.txt) echo text ;; *) echo "other $f" ;; esac; done
### case with brackets and nothing
case x in [a-w]) echo low;; [x-z]) echo high;; esac; case y in (y) echo paren;; esac; case q in a) echo a;; esac; echo $?
### case that falls through
case a in a) echo a;& b) echo b;; c) echo c;; esac
### case over lines
case $1 in
  one)
    echo is one
    echo really
    ;;
  *)
esac
### functions
greet() { echo "hello $1 ($#)"; }; greet a b; greet; echo "$1"
### functions return
f() { return 3; echo never; }; f; echo $?; g() { false; }; g; echo $?; h() { true; return; }; h; echo $?
### functions in conditions
ok() { [ "$1" = yes ]; }; if ok yes; then echo fine; fi; ok no || echo not
### functions with other bodies
f() ( cd docs; pwd | sed 's/.*\///'; ); f; pwd | sed 's/.*\///' | grep -c docs; g() if true; then echo g; fi; g
### function keyword
function f { echo f $1; }; function g() { echo g; }; f 1; g
### local variables
f() { local x=inner y; y=2; echo $x$y; }; x=outer; f; echo "$x[$y]"
### local hides nothing afterwards
x=1; f() { local x; echo "[$x]"; x=2; g; }; g() { echo "g sees $x"; x=3; }; f; echo $x
### recursion
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(( $1 * $(fact $(( $1 - 1 ))) )); fi; }; fact 6
### groups
{ echo a; echo b; } | cat -n; { echo c; false; }; echo $?
### subshells
(cd docs && ls); x=1; (x=2; echo $x; exit 5); echo $? $x
### and, or, not
true && echo a || echo b; false && echo a || echo b; ! false && echo c; ! true || echo d; true || echo e && echo f
### not of a pipeline
! echo a | grep -q b; echo $?; ! false | true; echo $?
### pipe status
false | true; echo $?; true | false; echo $?; set -o pipefail; false | true; echo $?; exit 3 | true | exit 4; echo $?
### exit
echo a; exit 4; echo b
### exit takes the last status
false; exit
### exit in a function and a substitution
f() { exit 6; }; x=$(f); echo $?; (f); echo $?; f; echo never
### exit above 255
(exit 256); echo $?; (exit 300); echo $?; (exit -1); echo $?
### errexit ends at the first failure
set -e; echo a; false; echo b
### errexit and conditions
set -e; if false; then :; fi; false || true; false && true; ! true; while false; do :; done; echo alive; false | true; echo still; true && false; echo never
### errexit in a pipeline
set -eo pipefail; echo a; false | true; echo b
### errexit and functions
set -e; f() { false; echo "in f"; }; if f; then echo yes; fi; f || echo or; echo alive; f; echo never
### errexit in a subshell
set -e; (false; echo a) || echo caught; echo b; (false; echo c); echo d
### errexit and groups
set -e; { false && true; }; echo a; { false; } || echo b; { false; }; echo c
### errexit in a substitution
set -e; echo "$(false; echo inner)"; x=$(false); echo never
### errexit and local
set -e; f() { local x=$(false); echo "local $?"; }; f; export y=$(false); echo exported
### errexit of the last of and
set -e; true && true; echo a; false && true; echo b; true && false; echo c
### errexit switched off again
set -e; set +e; false; echo a; set -e; (exit 3); echo b
### errexit in a loop
set -e; for i in 1 2 3; do echo $i; [ $i != 2 ]; done; echo never
### errexit with case and not
set -e; case x in x) ! true; echo here;; esac; ! false; echo end
### nounset
set -u; echo "${x:-fine}"; x=; echo "[$x]"; echo "$y"; echo never
### nounset and all arguments
set -u; set --; echo "[$*]" "$#"; echo "$1"
### nounset in a subshell
set -u; (echo "$y"); echo $?; f() { echo "$y"; }; f; echo never
### trap at the end
trap 'echo bye $?' EXIT; echo hello; exit 3
### trap at the end without exit
trap 'rm -f marker; echo cleaned' EXIT; touch marker; ls marker
### trap after errexit
set -e; trap 'echo trapped' EXIT; false; echo never
### trap in a subshell
(trap 'echo inner' EXIT; echo a); trap 'echo outer' 0; echo b; trap - EXIT; echo c
### trap with a function
cleanup() { echo "clean $1"; }; trap 'cleanup now' EXIT INT TERM; echo work
### single lines of everything
if true; then for i in 1 2; do case $i in 1) echo one;; 2) while true; do echo two; break; done;; esac; done; fi
### a syntax error on a later line
echo first
echo second; fi
echo third
### a syntax error on the first line
echo a; ; echo b
### an unfinished block
if true; then
echo a
### unfinished quotes
echo 'a
### a keyword as an argument
echo if then else fi do done { } '!'; for in in a b; do echo $in; done
### conditional expression
[[ a = a ]] && echo 1; [[ abc == a* ]] && echo 2; [[ abc == "a*" ]] || echo 3; [[ a != b && -n x ]] && echo 4; [[ -z "" || x ]] && echo 5; [[ ! -e nofile ]] && echo 6
### conditional expression without splitting
x='a b'; [[ $x = 'a b' ]] && echo whole; [[ -n $unset ]] || echo unset; p='a*'; [[ abc = $p ]] && echo pat; [[ abc = "$p" ]] || echo lit
### conditional expression with numbers and parentheses
x=5; [[ $x -gt 3 && ( $x -lt 4 || $x -eq 5 ) ]] && echo yes; [[ x -eq 5 ]] && echo name; [[ b > a ]] && echo later; [[ 10 < 9 ]] && echo text
### regular expressions in conditions
v=1.20.3; [[ $v =~ ^[0-9]+\.[0-9]+ ]] && echo version; [[ $v =~ ^(a|b) ]] || echo no; r='^1'; [[ $v =~ $r ]] && echo var; [[ a.c =~ "a.c" ]] && echo quoted; [[ abc =~ "a.c" ]] || echo not
### conditional over lines
if [[ -f lines &&
      -d docs ]]; then echo both; fi
### a function that is defined later
f() { g; }; g() { echo g; }; f
### nested functions
outer() { inner() { echo inner $1; }; inner x; }; outer; inner y
### return from a sourced file
printf 'V=sourced\nreturn 4\nV=never\n' > s.sh; . ./s.sh; echo $? $V
### source with arguments
echo 'echo "$# $1"' > s.sh; source ./s.sh x y; . ./s.sh; echo "$1"
### source an environment file
set -a; . ./.env; set +a; bash -c 'echo "$KEY $OTHER"'
### a script of its own
./run.sh a; sh run.sh b; bash ./run.sh "c d"; echo 'exit 9' > e.sh; bash e.sh; echo $?
### not executable, a directory, missing
./lines; echo $?; ./docs; echo $?; ./none; echo $?; bash none.sh; echo $?
### shells inside shells
bash -c 'echo $0 $1; exit 3' name arg; echo $?; sh -c 'echo "$@"' x 1 2; bash -euo pipefail -c 'false | true; echo never'; echo $?
### a script on standard input
echo 'echo from stdin; exit 2' | bash; echo $?; bash -s <<< 'echo again'; printf 'x=1\necho $x\n' | sh
### noglob
set -f; echo *; set +f; echo l*
### timeout
timeout 10 echo fine; timeout 0.2 sleep 5; echo $?; timeout 5 sh -c 'exit 3'; echo $?
### a loop that waits
i=0; until [ -e flag ]; do i=$((i+1)); [ $i -ge 3 ] && touch flag; sleep 0.01; done; echo $i
