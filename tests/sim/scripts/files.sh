### mkdir
mkdir a; mkdir a; echo $?; mkdir x/y; echo $?; mkdir -p x/y/z x/y; echo $?; mkdir -m 700 m; mkdir -p -m 750 n/o; mkdir lines; echo $?; mkdir -p lines/x; echo $?; mkdir -p lines; echo $?; mkdir; echo $?; mkdir -v v
### rmdir
rmdir empty; rmdir docs; echo $?; rmdir none; echo $?; rmdir lines; echo $?; mkdir -p a/b/c; rmdir -p a/b/c; ls; rmdir --ignore-fail-on-non-empty docs; echo $?
### touch
touch new lines; touch -c none; ls none; touch nodir/x; echo $?; touch -d '2021-02-03 04:05:06 UTC' t; stat -c %Y t; touch -r lines t2; [ t2 -nt lines ] || echo same; touch -t 202001020304.05 t3; stat -c %y t3; touch -d @86400 t4; date -ur t4 +%F
### cp of files
cp lines copy; cp lines docs; cp lines pairs docs/deep; cp none x; echo $?; cp lines none/x; echo $?; cp lines pairs none; echo $?; cp docs d2; echo $?; cp lines lines; echo $?; cp lines; echo $?; cp; echo $?
### cp of directories
cp -r docs d2; cp -r docs d2; ls d2 d2/docs; cp -a docs/. d3; ls d3; cp -a docs/. empty/; cp -R docs none/x; echo $?; cp -r docs lines; echo $?
### cp keeps what is asked for
chmod 640 lines; cp lines a; cp -p lines b; cp -a lines c; stat -c '%a %n' a b c; [ c -nt lines ] || echo time; [ a -nt lines ] && echo newer; cp run.sh r; stat -c %a r; cp .env e; stat -c %a e; umask 077; cp run.sh s; stat -c %a s
### cp over files
cp -n lines pairs; cat pairs | head -1; cp lines pairs; cat pairs | head -1; chmod 600 pairs; cp lines pairs; stat -c %a pairs; cp -f lines pairs; cp -u users lines; head -1 lines; cp --reflink=auto lines z; cp -v lines y
### cp of links
cp link l1; cp -P link l2; cp -a link l3; cp -r link l4; cp -d link l5; ls -d l1 l2 l3 l4; readlink l1; readlink l2 l3 l4 l5; cp -L link l6; cp dangling x; echo $?; cp -a dangling x; readlink x; cp lines link; cat docs/guide.md; mkdir s; ln -s ../lines s/l; cp -rL s t; cat t/l
### cp -T and -t
cp -rT docs d2; cp -rT docs d2; ls d2; cp -t docs lines pairs; ls docs; cp -T lines docs; echo $?; cp -t none lines; echo $?
### cp -a of a tree and its modes
mkdir -p t/u; echo x > t/u/f; chmod 700 t/u; chmod 444 t/u/f; touch -d 2020-02-02 t/u/f t/u t; cp -a t c; stat -c '%a %Y %n' c/u c/u/f; cp -r t d; stat -c '%a %n' d/u d/u/f; chmod -R u+w t c d
### mv
mv lines moved; mv moved docs; ls docs; mv docs/moved .; mv pairs users docs; mv docs d2; ls d2; mv none x; echo $?; mv moved none/x; echo $?; mv d2 d2/in; echo $?; mv moved moved; echo $?; mv moved; echo $?
### mv over what is there
mkdir t; mv lines t/; echo old > lines; mv t/lines lines; head -1 lines; mv -n pairs lines; ls pairs; head -1 lines; mkdir -p a/docs; touch a/docs/f; mv docs a; echo $?; mv lines empty2/; echo $?; mv -f users lines; head -1 lines
### mv -T
mv -T docs d2; ls d2; mkdir full; touch full/x; mv -T d2 full; echo $?; mkdir e; mv -T d2 e; ls e; mv -T e empty && ls empty; mv -T lines empty; echo $?
### mv -t
mv -t docs lines pairs; ls docs; mv -t none users; echo $?; mkdir aside; find . -mindepth 1 -maxdepth 1 ! -name aside -exec mv -t aside -- {} +; ls -A; ls -A aside | sort
### mv of a link
mv link l; readlink l; mv dangling d; readlink d; ln -s docs dl; mv lines dl; ls docs; mv -v pairs p
### rm
rm lines; rm none; echo $?; rm -f none; echo $?; rm docs; echo $?; rm -r docs; ls; rm; echo $?; rm -f; echo $?; rm -rf none/x empty; rm .; echo $?; rm -r ..; echo $?
### rm of links and patterns
ln -s docs dl; rm dl; ls docs; rm -rf link dangling; rm -f *.sh; ls; rm -v nothing; rm lines/; echo $?; rm -d empty; rm -d docs; echo $?
### rm -rf of everything
rm -rf -- * .env; ls -A; echo $?
### ln
ln -s lines l; readlink l; cat l; ln -s lines l; echo $?; ln -sf pairs l; readlink l; ln -s ../lines docs; readlink docs/lines; ln -s docs d; ln -sfn empty d; readlink d; ln -sf docs/deep empty; readlink empty/deep; ln -s a b none; echo $?
### links on the way
ln -s docs d; cat d/guide.md; echo new > d/new; ls docs; ln -s loop1 loop2; ln -s loop2 loop1; cat loop1; echo $?; cd d/deep/..; basename "$(pwd)"; ls
### install
install -d a/b; install -d -m 700 c; stat -c '%a %n' a a/b c; install -m 600 lines s; stat -c %a s; install lines docs; stat -c %a docs/lines; install -D lines x/y/z; ls x/y; install none t; echo $?; install -d -m 755 c; stat -c %a c
### chmod
chmod 600 lines; chmod u+x pairs; chmod go-r users; chmod a=r nothing; chmod +x docs/guide.md; stat -c '%a %n' lines pairs users nothing docs/guide.md; chmod 0755 lines; chmod g+s docs; stat -c %a lines docs; chmod 700 none; echo $?; chmod xyz lines; echo $?; chmod -x run.sh; stat -c %a run.sh
### chmod -R
chmod -R 700 docs; stat -c '%a %n' docs docs/deep docs/guide.md; chmod -R u=rwX,go=rX docs; stat -c '%a %n' docs docs/deep docs/guide.md; chmod -R go-w,o-r docs; stat -c %a docs/guide.md; chmod 600 .; chmod 755 .
### chown
chown root lines; chown root:root pairs; chown -R 0:0 docs; chown :0 users; echo $?; chown nosuchuser_x lines; echo $?; chown 0 none; echo $?; chown; echo $?; chown 999:999 lines; stat -c '%u %g' lines; chown 0:0 lines; chgrp 5 lines; stat -c %g lines
### find
find . | sort; find docs | sort; find . -maxdepth 1 | sort; find . -mindepth 1 -maxdepth 1 | sort; find docs -mindepth 2; find none; echo $?; find docs/ | sort
### find by name and type
find . -name '*.md'; find . -type d | sort; find . -type l | sort; find . -type f -name 'l*'; find . -iname 'LINES'; find . ! -type d -name 'd*' | sort; find . -not -name '*e*' -type f | sort; find . -path './docs/*' | sort; find lines
### find with or
find . -name '*.md' -o -name '*.txt' | sort; find . \( -name lines -o -name pairs \) -type f | sort; find . -type f -a -name users; find . -name docs -prune -o -type f -print | sort
### find by size
find . -type f -size 0; find . -type f -size +0 -name 'n*'; find . -maxdepth 1 -type f -size -2 | sort; find . -empty | sort; find . -type f -size +1k; find . -type f -size -20c | sort
### find by time
touch -d '3 days ago' old; find . -name old -mtime +1; find . -type f -mtime -1 -name pairs; find . -newer old -name users; find . -type f -mmin +60 | sort; find . -name old -mtime 3
### find -printf
find . -maxdepth 1 -type f -printf '%f %s\n' | sort; find docs -printf '%p %P %h %y %m %d\n' | sort; find . -name lines -printf '%T@ %s %f\n'; find link -printf '%l\n'; find . -name lines -printf '%TY-%Tm-%Td\n'
### find -exec
find docs -type f -exec cat {} \; | sort; find docs -type f -exec echo {} + | wc -w; find . -name '*.md' -exec cp {} copy.md \;; cat copy.md; find . -name lines -exec grep -q one {} \; -print; find docs -type f -exec sh -c 'echo "$1" | wc -c' sh {} \; | sort
### find -delete
find . -name '*.md' -delete; find docs -type f -delete; find . -type d -empty | sort; find docs -delete; ls; find . -mindepth 1 -maxdepth 1 -exec rm -rf {} +; ls -A
### find -exec with failures
find . -name lines -exec false \; ; echo $?; find . -name lines -exec false {} + ; echo $?; find . -foo; echo $?; find . -name; echo $?; find . -type f -exec echo; echo $?; find . -maxdepth x; echo $?
### find -print0 and quit
find docs -type f -print0 | tr '\0' '\n' | sort; find . -name lines -print -quit; find . -maxdepth 0; find empty -type d
### counting
find . | wc -l; find docs -type f | wc -l; ls | wc -l; cd docs && find . | wc -l
### du and df
du -sb lines | cut -f1; [ "$(du -s . | cut -f1)" -gt 0 ] && echo some; df . > /dev/null && echo ok; df --output=pcent . | wc -l; df none; echo $?; df -P . | tail -1 | wc -w
### aside and back
set -e; aside=docs.before; if test -e docs; then mv -T docs "$aside"; else mkdir -p "$aside"; fi; test ! -e docs; mkdir docs; echo new > docs/new; rm -rf docs; mv -T "$aside" docs; ls docs
### newest file
touch -d 2024-01-01 b1.gz; touch -d 2024-03-01 b2.gz; touch -d 2024-02-01 b3.gz; for f in *; do if [ -f "$f" ]; then stat -c "%Y %s %n" "$f"; fi; done | sort -rn | grep gz | head -1; ls -t *.gz | head -n 1; newest=$(ls -1t b*.gz | head -1); echo "newest: $newest"
### old files are removed
for i in 1 2 3 4 5; do touch -d "2024-01-0$i" backup-$i; done; ls -1 backup-* | sort -r | tail -n +4 | xargs -r rm --; ls backup-*; find . -name 'backup-*' -mtime +7 -print | wc -l
### configuration is edited
key=KEY; cp -p .env ".env.before-1"; sed -i "/^$key=/d" .env; printf '%s=%s\n' "$key" "new value" >> .env; cat .env; diff -q .env .env.before-1; grep -c = .env
### a list of manifests
mkdir -p base/b1 base/b2 base/b3; echo m > base/b1/backup_manifest; touch -d '2026-02-01 00:00:00 UTC' base/b1/backup_manifest; echo n > base/b3/backup_manifest; touch -d '2026-02-02 10:00:00 UTC' base/b3/backup_manifest; cd base
separator='['
for manifest in */backup_manifest; do
  test -s "$manifest" || continue
  printf '%s{"dir": "%s", "ended": "%s"}' "$separator" "$(dirname "$manifest")" "$(date -ur "$manifest" +%FT%TZ)"
  separator=', '
done
test "$separator" != '['
printf ']\n'
