### cat
cat lines nothing docs/guide.md; cat -n lines; cat none lines; echo $?; cat docs; echo $?; echo in | cat - lines
### tac
tac lines; printf 'a\nb' | tac
### head
head -n 2 lines; head -2 lines; head -1 lines docs/guide.md; head -c 5 lines; echo; head -n -1 lines; head -q -n 1 lines pairs; head none; echo $?; cat lines | head -n1
### tail
tail -n 2 lines; tail -n +2 lines; tail -1 lines; tail -c 4 lines; tail -n 1 lines pairs; cat lines | tail -n +3
### wc
wc lines; wc -l < lines; wc -l lines pairs; wc -w lines; wc -c lines; cat lines | wc; printf 'a b' | wc -lw; wc -l none; echo $?
### sort
sort pairs; sort -r pairs; sort -k2 pairs; sort -k2,2n pairs; sort -n -k 2 pairs; sort -k1,1 -k2,2nr pairs; sort -u -k1,1 pairs
### sort numbers
printf '10\n9\n-1\n2.5\nx\n' | sort -n; printf '10\n9\n2\n' | sort; printf '2\n10\n2\n' | sort -nu; printf '1K\n2M\n512\n1G\n' | sort -h; printf 'v1.10\nv1.9\nv1.2.3\n' | sort -V
### sort by a separator
sort -t: -k3,3n users; sort -t : -k 1,1r users; printf 'b\nA\na\nB\n' | sort -f; printf 'b\nA\na\nB\n' | sort
### sort -rn of times
printf '1700000000 5 a\n1800000000 3 b c\n1600000000 9 d\n' | sort -rn | head -1 | cut -d' ' -f3-
### uniq
printf 'a\na\nb\na\n' | uniq; printf 'a\na\nb\n' | uniq -c; printf 'a\na\nb\n' | uniq -d; printf 'a\na\nb\n' | uniq -u; sort pairs | cut -c1 | uniq -c | sort -rn
### cut
cut -d: -f1 users; cut -d: -f1,3 users; cut -d: -f2- users; cut -c1-2 lines; cut -d' ' -f2 pairs; echo nosep | cut -d: -f2; echo nosep | cut -s -d: -f2; echo a,b,c | cut -d, -f-2; cut -f1 none; echo $?
### tr
echo Hello | tr a-z A-Z; echo hello | tr -d l; echo 'a  b' | tr -s ' '; echo a-b_c | tr -- '-_' '  '; echo abc | tr abc x; echo a1b2 | tr -cd '0-9\n'; printf 'a\nb\n' | tr '\n' ' '; echo; echo Up | tr '[:upper:]' '[:lower:]'
### tr of sets
echo 'a.b.c' | tr . '\n'; echo hello | tr -c 'a-z\n' '?'; echo 'key=VALUE x' | tr '[:lower:]=' '[:upper:]_'
### seq
seq 3; seq 2 4; seq 1 2 5; seq 3 -1 1; seq -s, 3; seq -w 8 10; for i in $(seq 1 3); do echo n$i; done
### grep
grep o lines; grep -c o lines; grep -n t lines; grep -v o lines; grep -q one lines && echo found; grep -q nine lines || echo not; grep nine lines; echo $?; grep x none; echo $?
### grep expressions
grep '^t' lines; grep 'e$' lines; grep 't.*e' lines; grep -E 'one|two' lines; grep -E '^[a-z]+$' lines; grep 'o\|h' lines; grep '[tw]' lines; grep -F . users; grep -F 0:0 users; grep '\(t\)w' lines; grep 'e\{2\}' lines
### grep options
grep -i ONE lines; grep -w on lines; grep -w one lines; grep -x two lines; grep -o '[a-z]*e' lines; grep -l one lines pairs docs/guide.md; grep -L one lines pairs; grep -h root users lines; grep -H one lines; grep -e one -e two lines; grep -m1 o lines
### grep through directories
grep -r e docs | sort; grep -rl deep docs; grep one lines users; grep -rn guide docs; grep -s x none; echo $?
### grep with context
seq 10 | grep -A1 5; seq 10 | grep -B1 5; seq 10 | grep -C1 -e 3 -e 8; seq 3 | grep -n -A1 2
### grep of input
printf 'A=1\nB=2\n' | grep '^B=' | cut -d= -f2; grep -q "^KEY " .env || echo none; grep -v '^#' .env; grep -E '^(KEY|OTHER)=' .env | wc -l
### egrep and fgrep
egrep 'a+' pairs; fgrep '10' pairs
### sed substitution
sed 's/o/0/' lines; sed 's/e/E/g' lines; sed -n 's/o/0/p' lines; sed 's/e/E/2' lines; sed 's,/,|,g' <<< a/b/c; sed 's/\(.\)\(.\)/\2\1/' lines; sed -E 's/(t)(.)/\2\1/' lines; sed 's/.*/[&]/' lines; echo aXb | sed 's/x/-/I'
### sed lines
sed 2d lines; sed -n 2p lines; sed '$d' lines; sed -n '2,3p' lines; sed '/two/d' lines; sed -n '/two/,$p' lines; sed '/one/,/two/d' lines; sed '2!d' lines; sed -n '$=' lines; sed 2q lines
### sed commands
sed 'y/abc/xyz/' pairs; sed -e 's/a/A/' -e 's/b/B/' pairs; sed 's/a/A/;s/b/B/' pairs; sed '1a after' lines; sed '1i before' lines; sed '2c changed' lines; sed '/two/{s/t/T/;s/o/O/}' lines; sed -n '/a/{p;p}' pairs; sed '1,+1d' lines; sed -n '2{p;q}' lines
### sed in place
sed -i 's/one/1/' lines; cat lines; sed -i.bak '/^KEY=/d' .env; cat .env .env.bak; sed -i 's/x/y/' none; echo $?; sed -i "/^O.*=/d" .env; echo 'NEW=1' >> .env; cat .env
### sed with special signs
echo 'a.b*c' | sed 's/\./-/;s/\*/+/'; echo 'a/b' | sed 's/\//:/'; echo tab | sed 's/a/\t/'; echo 'x&y' | sed 's/&/and/'; echo abc | sed 's/b/\&/'; echo "it's" | sed "s/'/\"/"; echo foo | sed 's/x*/-/g'; echo abcabc | sed 's/b*/X/2'
### sed of nothing and unfinished lines
printf 'a\nb' | sed 's/b/c/'; echo; sed 's/a/b/' nothing; sed d lines; sed -n p lines; sed '' lines; sed 's/a/b' lines; echo $?
### awk fields
awk '{print $1}' pairs; awk '{print $2, $1}' pairs; awk -F: '{print $1}' users; awk -F: '{print $NF}' users; awk '{print NR": "$0}' lines; awk '{print NF}' pairs; echo 'a b c' | awk '{print $(NF-1)}'
### awk patterns
awk '/t/' lines; awk '/t/ {print "found", $1}' lines; awk '!/t/' lines; awk 'NR==2' lines; awk 'NR>1 {print}' lines; awk '$2 > 5' pairs; awk '$1 == "a" {print $2}' pairs; awk -F: '$3 >= 1000 {print $1}' users; awk '/one/,/two/' lines; awk 'NR==1; END {print "end", NR}' lines
### awk sums
awk '{s += $2} END {print s, s/NR}' pairs; awk '{n[$1]++} END {print n["a"], n["b"], n["zz"]+0}' pairs; awk 'BEGIN {print 1+2*3, 7%3, 2^10, 7/2, 1/3}'; awk 'BEGIN {x = "a"; y = x "b" 1+1; print y; print length(y)}'
### awk printf and functions
awk '{printf "%-5s|%3d\n", $1, $2}' pairs; awk '{print toupper($1), length($0), substr($1, 2)}' lines; awk 'BEGIN {printf "%d %s %.2f %5.1f|%c\n", 3.9, "s", 1.005, 2.25, "xyz"}'; awk '{sub(/o/, "0"); print}' lines; awk '{gsub(/e/, "E"); print $0}' lines; awk 'BEGIN {print index("hello", "l"), int(3.7), tolower("ABC")}'
### awk of memory
printf 'MemTotal: 8000 kB\nMemAvailable:   4194304 kB\n' > mem; awk '/^MemAvailable:/ { print int($2 / 1024) }' mem
### awk control
awk '{ if ($2 > 5) print "big"; else print "small" }' pairs; awk 'BEGIN { for (i = 0; i < 3; i++) printf "%d ", i; print ""; while (i > 0) i--; print i }'; awk '{ if (NR == 2) next; print }' lines; awk 'NR==2 {exit 3}' lines; echo $?; awk '{$2 = "x"; print; print NF}' pairs
### awk variables
awk -v n=2 'NR==n' lines; x=one; awk -v x="$x" '$1 == x {print "yes"}' lines; awk 'BEGIN {OFS="-"} {print $1, $2}' pairs; awk -F' ' -v OFS=, '{$1=$1; print}' pairs; awk -F'[:/]' '{print $2}' <<< 'a:b/c'; awk 'END {print $0}' lines
### awk comparisons
printf '10\n9\n' | awk '$1 > 9.5'; printf 'abc\n' | awk '$1 > "abb"'; awk 'BEGIN {print (1 == 1.0), ("a" < "b"), ("10" < "9"), !0, !1, 1 && 0, 1 || 0, (5 > 3 ? "y" : "n")}'; echo 'a=1' | awk -F= '$2 ~ /^[0-9]+$/ {print "num"} $1 !~ /x/ {print "nox"}'
### ls
ls; ls -a; ls -A; ls docs; ls -1 docs lines; ls -d docs; ls none; echo $?; ls lines pairs; ls -r; ls empty nothing
### ls by time and size
touch -d 2020-01-01 a; touch -d 2022-01-01 b; touch -d 2021-01-01 c; ls -t a b c; ls -tr a b c; ls -S users lines nothing; ls -t lines a | head -1
### stat
stat -c '%s %a %F %n' lines docs link nothing; stat -c %Y lines; stat -c '%A' run.sh docs .env; stat -c %y lines; stat none; echo $?; stat --format=%s docs/guide.md; stat -L -c %F link
### date
date -u -d @0 +%FT%TZ; date -u -d '2026-02-09 14:30:00' +%s; date -ur lines '+%Y-%m-%d %H:%M:%S'; date -r lines +%FT%TZ; date -d '2026-02-09T14:30:00Z' '+%a %b %e %j %H%M %y %A %B %p %I %u %w %Z %z'; date -u -d '2024-02-28 +2 days' +%F; date -r none; echo $?
### date formats
date -u -d @1700000000; date -u -d @1700000000 -R; date -u -d @1700000000 -Iseconds; date -u -d @1700000000 +%D_%R_%k_%l_%C_%-d_%-m_%% ; date -u -d '1 day ago' +%Y > /dev/null && echo ok; date -d 2024-03-01 +%d.%m.%Y
### basename and dirname
basename /a/b/c.txt; basename /a/b/c.txt .txt; basename /a/b/; basename /; basename a; dirname /a/b/c; dirname a; dirname /a; dirname /; dirname a/b/; basename -s .gz a.gz b.gz; basename; echo $?
### realpath and readlink
cd docs; realpath . | sed 's/.*\///'; cd ..; realpath docs/../lines | sed 's/.*\///'; readlink link; readlink lines; echo $?; readlink -f link | sed 's/.*\/docs/docs/'; readlink -f dangling | sed 's/.*\///'; realpath none/x; echo $?; realpath -m none/x | sed 's/.*none/none/'; readlink -e none; echo $?
### md5sum and sha256sum
md5sum lines; sha256sum lines nothing; echo abc | md5sum; sha256sum lines > sums; sha256sum -c sums; echo changed >> lines; sha256sum -c sums; echo $?; sha512sum nothing | cut -c1-20; sha256sum --status -c sums; echo $?; sha256sum none; echo $?
### cmp
cmp lines lines; echo $?; cp lines l2; cmp lines l2 && echo same; echo x > a; echo y > b; cmp a b; echo $?; cmp -s a b; echo $?; cmp lines none; echo $?; printf abc > c; printf abcd > d; cmp c d; echo $?; cmp -s none a; echo $?
### diff
diff lines lines; echo $?; cp lines l2; echo x >> l2; diff -q lines l2; echo $?; cp -r docs d2; diff -r docs d2; echo $?; echo y > d2/more; diff -rq docs d2; echo $?; diff lines none; echo $?
### xargs
echo a b c | xargs; echo a b c | xargs -n 1 echo x; printf 'a b\nc\n' | xargs -I{} echo '<{}>'; ls docs | xargs -n1 basename; printf 'a\0b c\0' | xargs -0 -n1 echo; true | xargs -r echo never; true | xargs echo ran; echo lines | xargs wc -l; printf '"a b" c\n' | xargs -n1
### xargs exit codes
echo a | xargs false; echo $?; echo none | xargs ls 2>/dev/null; echo $?; find . -name '*.md' -print0 | xargs -0 cat
### env
env -i A=1 env; env A=2 bash -c 'echo $A'; env -u HOME bash -c 'echo "[${X:-}]"'; X=1 env | grep ^X; env bash -c 'exit 4'; echo $?
### which
which cat > /dev/null && echo cat; which ls cat | wc -l
### id and friends
id -u; whoami; [ "$(hostname)" = "$(uname -n)" ] && echo same; uname -s; uname -m; id -un
### nice and nohup
nice echo a; nice -n 10 echo b; nohup echo c 2>/dev/null; setsid echo d; stdbuf -oL echo e; timeout 5 cat lines | head -1
### flock
flock lock echo locked; flock -n lock -c 'echo "in shell"'; ls lock
### wrong options
cat --nonsense; echo $?; ls --nonsense 2>/dev/null; echo $?; head -n x lines; echo $?; mkdir --foo x; echo $?; grep --zzz a lines; echo $?; cp -y a b; echo $?; touch; echo $?; tr; echo $?; cut lines; echo $?
### sleep
sleep 0; sleep 0.01; echo $?; sleep x; echo $?; sleep; echo $?
### dash names and the end of options
echo x > -f; cat -- -f; rm -- -f; ls; grep -- -x lines; echo $?; mkdir -- -d; rmdir ./-d
### mktemp
t=$(mktemp -d ./tmp.XXXXXX); [ -d "$t" ] && echo dir; f=$(mktemp -p "$t"); [ -f "$f" ] && stat -c %a "$f" "$t"; rm -r "$t"
### truncate and tee
truncate -s 0 lines; wc -c < lines; echo a | tee b c; cat b c
### date arithmetic of scripts
stamp=$(date -u -d @1770647400 +%Y%m%d_%H%M%S); echo $stamp; age=$(( ( $(date -u -d '2026-02-09 14:30:00' +%s) - $(date -ur lines +%s) ) / 86400 )); echo $age
