### single and double quotes
x='a b'; echo '$x' "$x" $x "it's" 'say "hi"' a"b"'c'
### backslashes outside and inside quotes
echo a\ b \$x "a\$b \\ \n" 'a\nb' \'
### a line that goes on
echo one \
  two
### ansi quotes
printf '%s|' $'a\tb\n' $'it\'s'; echo
### empty arguments stay when they are quoted
set -- "" '' $nothing "$nothing"; echo $#
### nothing of unset parameters
echo [$unset] ["$unset"] x${unset}y
### positional parameters
echo "$1-$2-$3-$#"; echo "$@"; for a in "$@"; do echo "<$a>"; done
### all parameters, quoted and not
for a in $@; do echo "<$a>"; done; for a in "$*"; do echo "<$a>"; done
### parameters joined by IFS
IFS=,; echo "$*"; set -- a b c; x="$*"; echo "$x"
### nothing of no parameters
set --; for a in "$@"; do echo "<$a>"; done; echo $# "[$*]"
### words glued to all parameters
set -- a b c; for a in x"$@"y; do echo "<$a>"; done
### set and shift
set -- 1 2 3 4; shift; echo $1; shift 2; echo $1 $#; shift 5; echo $? $#
### the ten and more
set -- 1 2 3 4 5 6 7 8 9 ten eleven; echo $10 ${10} ${11}
### defaults
echo ${x:-one} ${x-two} ${x:-}; x=; echo "${x:-one}" "${x-two}"; x=v; echo ${x:-one} ${x+set} ${y+set}.
### a default that is several words
for w in ${x:-a b "c d"}; do echo "<$w>"; done; for w in "${x:-a b "c d"}"; do echo "<$w>"; done
### a default inside a default
echo "${A:-${B:-$C}}" "${A:-${HOME:+yes}}"
### assignment by default
echo "${x:=first}"; echo "$x"; : "${y=second}"; echo "$y"
### an alternative
x=1; echo "${x:+--flag=$x}" ${y:+never}.
### a missing parameter ends the shell
echo before; echo "${needed:?must be set}"; echo after
### a missing parameter in a subshell
(echo "${needed:?}"); echo "status $?"
### prefixes are cut
p=/var/lib/app/data.tar.gz; echo ${p#*/} ${p##*/} ${p#/var/} ${p#nothing}
### suffixes are cut
p=/var/lib/app/data.tar.gz; echo ${p%.*} ${p%%.*} ${p%/*} ${p%.gz}
### patterns in variables, quoted ones stand for themselves
p='a*b*c'; s='*'; echo "${p#a$s}" "${p#a"$s"}" "${p##*"$s"}"
### lengths
x=hello; echo ${#x} ${#} ${#unset}; set -- a b; echo ${#@}
### replacement
x=banana; echo ${x/a/o} ${x//a/o} ${x/#b/B} ${x/%a/A} ${x//an} ${x/n*/!}
### substrings
x=abcdef; echo ${x:2} ${x:1:3} ${x: -2} ${x:0:-1} ${x:9}.
### case is changed
x=hello; y=WORLD; echo ${x^} ${x^^} ${y,} ${y,,}
### indirect names
name=HOME_X; HOME_X=there; echo "${!name}"
### command substitution
x=$(echo a; echo b); echo "$x"; echo $x; echo "$(printf 'a\n\n\n')."
### substitution in substitution
echo "$(echo "$(echo "inner $1")")" $(echo $(echo a b))
### back quotes
x=`echo a \`echo b\``; echo "$x" "`echo "c d"`"
### the content of a file
x=$(<lines); echo "$x"; echo "$(< "docs/guide.md")"
### the status of a substitution
x=$(exit 3); echo $?; x=$(true) y=$(exit 4); echo $?; echo $(false) $?
### arithmetic
echo $((1 + 2 * 3)) $(( (1+2)*3 )) $((7/2)) $((7%3)) $((-7/2)) $((2**10))
### arithmetic with variables
x=5; y=x; echo $((x+1)) $(($x*2)) $((y)) $((unset+1)); echo $((x++ + ++x)) $x; echo $((x+=3)) $x
### comparisons in arithmetic
echo $((1<2)) $((2<=1)) $((1==1)) $((1!=1)) $((1&&0)) $((1||0)) $((!1)) $((3>2?10:20)) $((5&3)) $((5|3)) $((5^3)) $((1<<4)) $((~0))
### number notations
echo $((0x1F)) $((010)) $((2#101)) $((16#ff))
### division by zero ends the shell
echo a; echo $((1/0)); echo b
### arithmetic as a command
((3 > 2)) && echo yes; ((0)) || echo no; ((x = 4, x *= 2)); echo $x; (( x == 8 )) && echo eight
### a loop with three expressions
for ((i = 0; i < 3; i++)); do echo $i; done; echo $i
### field splitting
x=' a  b c '; for w in $x; do echo "<$w>"; done; IFS=:; x=a::b:; for w in $x; do echo "<$w>"; done
### splitting by blanks and colons
IFS=' :'; x=' a : b :: c '; for w in $x; do echo "<$w>"; done
### splitting only what was expanded
IFS=-; x=a-b; for w in $x c-d "$x"; do echo "<$w>"; done
### a file name pattern
echo *; echo docs/*; echo */*.md; echo *nothing*; echo "*"; echo '*'
### a pattern with brackets and questions
echo l[a-z]*; echo li??s; echo [!a-z]*; echo .e*; echo docs/*/
### a pattern out of a variable
p='l*'; echo $p "$p"; f=docs; echo $f/g* "$f"/g* docs/"g"*
### names with spaces
for f in with*/*; do echo "<$f>"; done
### braces
echo {a,b,c}.txt pre{1,2}post {1..4} {c..a} {a,{b,c}}d {} {a} "{a,b}"; mkdir -p new/{one,two}
### tilde
cd /; echo ~/x; cd ~; pwd | grep -c runbook-scripts; x=~; [ "$x" = "$HOME" ] && echo home; echo a~ "~"
### assignments before a command
A=1 B=2 bash -c 'echo $A$B'; echo "[$A]"; X=5; X=6 eval_me=1 printenv_missing=1 true; echo $X
### appending
x=a; x+=b; x+=" c"; echo "$x"
### comments
echo a # not this
# nor this
echo b#c '#d'
### special parameters
false; echo $?; true; echo $?; (exit 7); echo $?; [ -n "$$" ] && echo pid; case $- in *h*) echo h;; esac
### here document
cat <<END
home is $HOME_X and $(echo sub) and $((1+1)) and \$x and "quotes" and 'single' \\ a\
b
END
### here document without expansion
cat <<'END'
$HOME $(echo no) \$ `x`
END
### here document with tabs
if true; then
	cat <<-END
		indented
	  not $1
	END
fi
### two here documents
cat <<A; cat <<B
first
A
second
B
### here string
cat <<< "a $1"; read -r x y <<< "left right more"; echo "$y"
### nested quotes in substitution
x="a b"; echo "$(printf '<%s>' "$x" "c'd")"
### command not found
nonsuch_command_at_all() { return 9; }; nonsuch_command_at_all; echo $?
### semicolons and newlines

echo a;echo b ;

echo c
### a pipe that goes on
echo a |
  cat &&
  echo b ||
  echo c
### empty substitution and arithmetic
echo "[$()]" "[$(( ))]"
### quotes around patterns in case
x='a*'; case $x in "a*") echo literal;; esac; case ab in $x) echo pattern;; esac; case ab in "$x") echo no;; *) echo other;; esac
### exported or not
A=1; export B=2; C=3; export C; bash -c 'echo "[$A][$B][$C]"'; unset B; bash -c 'echo "[$B]"'
### a variable in a function is the shell's
f() { v=2; }; v=1; f; echo $v; (v=3); echo $v; v=4 | cat; echo $v
### numbers that are words
echo 2 >&1; echo a2>/dev/null; echo 1 2
### dollar alone
echo $ "$" a$ $% "$ x"
### equals in words
echo a=b =c x==y; echo --opt=val
### a quoted command name
"echo" hi; e=echo; $e there; c="echo two words"; $c
### an empty command out of a variable
c=; $c; echo $?; $c echo hello
### last argument wins
x=1 x=2; echo $x
### pattern characters from substitution
for f in $(echo 'l*'); do echo $f; done
### long words with everything
v=x; echo "a'b"'c"d'$v"${v}y"$(echo z)`echo w`\q
