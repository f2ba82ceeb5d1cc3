### to a file and from it
echo a > f; echo b >> f; cat < f; cat f; > g; wc -c < g
### overwrite
echo long line > f; echo x > f; cat f; echo y >| f; cat f
### errors to a file
ls none 2> err; echo $?; wc -l < err; ls none lines > out 2>&1; sed 's/:.*//' out | sort
### order of redirections
ls none 2>&1 > out | wc -l; cat out; { echo o; echo e >&2; } > both 2>&1; cat both
### to standard error
echo warn >&2; { echo a; echo b >&2; } 2> e; cat e; echo c 1>&2 2>/dev/null
### both at once
ls none &> all; wc -l < all; echo more &>> all; wc -l < all
### to nowhere
echo a > /dev/null; cat /dev/null; ls none 2>/dev/null || echo gone; cat < /dev/null; wc -l < /dev/null
### a redirection that fails
echo a > nodir/f; echo $?; cat < none; echo $?; > docs; echo $?; echo still
### a redirection alone
> made; ls made; < lines; echo $?; < none; echo $?
### groups and loops
{ echo 1; echo 2; } > f; for i in a b; do echo $i; done >> f; cat f; while read -r x; do echo "<$x>"; done < f > g; cat g
### a subshell's output
(echo a; echo b >&2) > o 2> e; cat o e
### functions
f() { cat; echo err >&2; }; f < lines > o 2> e; cat o e
### standard input is shared
read -r a; echo "1:$a"; read -r a b; echo "2:$a|$b"; cat
### read in a group
printf '1\n2\n3\n' | { read -r a; read -r b; echo "$b$a"; cat; }
### input of a loop is not the script's
while read -r x; do echo "$x"; done < lines; read -r y; echo "$y"
### input of commands in a loop
while read -r x; do echo "<$x>"; cat > /dev/null; done < lines
### exec
exec > out; echo inside; exec 2>&1; ls none
### exec into a program
exec echo replaced; echo never
### expansion in file names
f=name; echo x > "$f.txt"; cat ${f}.txt; echo y > $(echo other); cat other
### tee
echo a | tee f g | sed 's/a/b/'; cat f g; echo c | tee -a f > /dev/null; cat f
### pipes
cat lines | sort -r | head -n 1; printf 'b\na\n' | sort | tr a-z A-Z | tee upper
### a pipe into a loop with files
ls docs | while read -r n; do echo "docs/$n"; done | sort > list; cat list
### here document into a file
cat > conf <<EOF
key = $1
EOF
cat >> conf <<'EOF'
raw = $1
EOF
cat conf
### here document into a command with a pipe
cat <<EOF | tr a-z A-Z
shout $2
EOF
### here document inside a function and a loop
f() { cat <<EOF
in $1
EOF
}
for i in a b; do f $i; done
### append to a file in a loop
for i in 1 2 3; do echo $i >> log; done; wc -l < log; tail -n 1 log
### the same file twice
echo a > f; cat f f; sort -o f f lines; cat f
### a file is emptied before it is read
cat lines > lines; wc -c < lines
### modes of new files
umask 077; echo a > secret; mkdir dir; umask 022; echo b > public; umask
