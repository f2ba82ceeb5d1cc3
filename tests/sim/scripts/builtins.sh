### echo
echo; echo -n a; echo b; echo -e 'a\tb\nc\\d'; echo -E 'a\tb'; echo -ne 'x\n'; echo -x - --; echo 'a\tb'
### printf
printf '%s\n' a 'b c'; printf '%s-%s\n' 1 2 3; printf 'no args %s|%d\n'; printf '%%\n'; printf 'a\tb\\\101\n'; printf %s x; echo
### printf widths
printf '%5s|%-5s|%05d|%+d|%.2s|%5.1s|%3d|%-3d|\n' ab ab 42 7 abcdef xyz 5 5; printf '%x %X %o %#x %c %i\n' 255 255 8 255 hello 3
### printf floats
printf '%f %.2f %.0f %8.3f|\n' 1.5 2.345 2.5 3.14159
### printf of what is no number
printf '%d\n' abc; echo $?; printf '%d %d %d\n' 0x10 010 "'A"
### printf b and q
printf '%b|%s\n' 'a\tb' 'a\tb'; printf '%q %q %q\n' 'a b' "it's" plain; printf '%s\c' a; echo; printf '%b' 'stop\c never'; echo
### printf with stars
printf '%*d|%-*d|%.*s\n' 5 42 5 42 2 abc
### printf into a variable
printf -v x '%03d' 7; echo $x
### cd and pwd
cd docs; basename "$PWD"; cd deep; cd ..; basename "$(pwd)"; cd - > /dev/null; basename "$PWD"; cd none; echo $?; cd ../../lines; echo $?; cd; pwd | grep -c runbook
### cd through a link
ln -s docs d; cd d; basename "$PWD"; pwd -P | sed 's/.*\///'; cd ..; ls -d docs
### read
read -r a b c; echo "$a|$b|$c"; read -r x; echo "$x"; read -r; echo "$REPLY"; read -r z; echo $? "[$z]"
### read with IFS
IFS=: read -r u p rest < users; echo "$u|$p|$rest"; echo 'a:b:' | { IFS=: read -r x y; echo "$x|$y"; }; echo ' a b ' | { IFS= read -r l; echo "<$l>"; }
### read more names than words
echo a | { read -r x y z; echo "$x|$y|$z"; }; echo 'a b  c  d ' | { read -r x y; echo "$x|$y|"; }
### test with files
[ -e lines ] && echo e; [ -f lines ] && echo f; [ -d docs ] && echo d; [ -f docs ] || echo notf; [ -s lines ] && echo s; [ -s nothing ] || echo nots; [ -L link ] && echo L; [ -h lines ] || echo noth; [ -x run.sh ] && echo x; [ -x lines ] || echo notx; [ -r lines ] && echo r; [ -w lines ] && echo w
### test with links
[ -e link ] && echo yes; [ -e dangling ] || echo no; [ -L dangling ] && echo link; [ -f link ] && echo file; [ -d link ] || echo nodir
### test with texts
[ a = a ] && echo 1; [ a != b ] && echo 2; [ -n a ] && echo 3; [ -z "" ] && echo 4; [ a ] && echo 5; [ "" ] || echo 6; [ a == a ] && echo 7; [ ! a = b ] && echo 8; [ "a" \< "b" ] && echo 9
### test with numbers
[ 1 -eq 1 ] && echo 1; [ 1 -ne 2 ] && echo 2; [ 1 -lt 2 ] && echo 3; [ 2 -le 2 ] && echo 4; [ 3 -gt 2 ] && echo 5; [ 3 -ge 4 ] || echo 6; [ 010 -eq 10 ] && echo 7; [ -5 -lt 0 ] && echo 8
### test with and, or, not
test -d docs -a -e lines && echo 1; test -e none -o -e lines && echo 2; test ! -e none && echo 3; test \( a = b -o a = a \) -a c = c && echo 4; [ ! -e none -a -d docs ] && echo 5
### test with mistakes
[ 1 -eq a ]; echo $?; [ a = b; echo $?; test a b; echo $?; [ a -foo b ]; echo $?; test; echo $?; [ ]; echo $?
### test with odd words
[ ! ]; echo $?; [ -n ]; echo $?; [ = ]; echo $?; [ -z = -z ]; echo $?; [ ! ! ]; echo $?; [ ! "" ]; echo $?; [ "(" a ")" ]; echo $?
### test with times
touch -d 2020-01-01 old; touch -d 2021-01-01 new; [ new -nt old ] && echo nt; [ old -ot new ] && echo ot; [ lines -nt none ] && echo there; [ docs -ef docs/../docs ] && echo ef
### export and unset
export A=1 B; B=2; env | grep -E '^(A|B)=' | sort; unset A; echo "[$A]"; f() { echo f; }; unset -f f; unset nothing; echo $?
### invalid names
export 1a=b; echo $?; unset 1a; echo $?; local x; echo $?
### declare
declare x=1; echo $x; declare -x Y=2; bash -c 'echo $Y'; f() { declare z=3; echo $z; }; f; echo "[$z]"; readonly R=5; echo $R
### command and type
command -v echo; command -v ./none || echo none; f() { :; }; command -v f; command echo hi; type cd; command -v if; echo() { printf 'mine\n'; }; echo x; command echo theirs
### set options
set -- -a b; echo "$@"; set -e -u; case $- in *eu*) echo on;; esac; set +eu; set -o pipefail +e; false | true; echo $?
### set with a wrong option
set -o foo; echo $?; set -Z; echo $?
### shopt
shopt -s nullglob; for f in none*; do echo $f; done; echo none*; shopt -u nullglob; echo none*; shopt -s dotglob; echo *env
### shift too far
set -- a; shift 2; echo $? $#; shift; echo $#; shift; echo $?
### break outside a loop
break; echo $?; continue; echo $?; return 3; echo $?
### colon, true and false
:; echo $?; : ignored args; true x; false x; echo $?
### umask
umask; umask 027; touch a; mkdir b; umask 0022; touch c; umask
### hash and exec errors
hash cat; echo $?; exec 2>/dev/null; echo ok
### numeric arguments
f() { return 300; }; f; echo $?; exit abc
### pwd of a function
f() { cd docs; }; f; basename "$PWD"
### dot without a file
. ./none.sh; echo $?; source nodir/x; echo $?
### dirname of a script
echo 'cd "$(dirname "$0")" && basename "$PWD"' > docs/where.sh; bash docs/where.sh
### seconds and line numbers
echo $LINENO
echo $((SECONDS < 60))
### xtrace goes to standard error
set -x; echo a; x='b c'; echo "$x" > /dev/null; set +x 2>/dev/null; echo done
