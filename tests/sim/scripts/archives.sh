### tar of a directory
tar cf a.tar docs; tar tf a.tar | sort; mkdir out; tar xf a.tar -C out; find out | sort; cat out/docs/guide.md; rm a.tar
### tar of here
tar -cf /dev/null . && echo ok; tar cf - -C docs . | tar tf - | sort; mkdir out; tar cf - -C docs . | tar xf - -C out; find out | sort
### tar with gzip
tar czf a.tgz docs lines; tar tzf a.tgz | sort; tar tf a.tgz | wc -l; mkdir out; tar -xzf a.tgz -C out; ls out; gzip -dc a.tgz | tar tf - | wc -l; rm a.tgz
### tar through pipes
tar cz docs | tar tz | sort; tar c -C docs deep guide.md | (mkdir o && cd o && tar x); find o | sort; tar -c lines | gzip | gunzip | tar -t
### tar names
tar cf a.tar ./docs docs/guide.md 2>/dev/null; tar tf a.tar | sort; tar cf b.tar docs/deep/file.txt; tar tf b.tar; mkdir o; tar xf b.tar -C o; find o | sort; rm a.tar b.tar
### tar of a part
tar cf a.tar docs lines; mkdir o; tar xf a.tar -C o docs/guide.md; find o | sort; tar xf a.tar -C o none; echo $?; tar tf a.tar docs/deep | sort; tar xOf a.tar lines; rm a.tar
### tar strips components
tar cf a.tar docs; mkdir o; tar xf a.tar -C o --strip-components=1; find o | sort; rm a.tar
### tar excludes
tar cf a.tar --exclude='*.md' docs; tar tf a.tar | sort; tar cf b.tar --exclude=deep docs; tar tf b.tar | sort; rm a.tar b.tar
### tar that fails
tar cf a.tar none; echo $?; tar tf none.tar; echo $?; tar xf lines; echo $?; tar cf b.tar; echo $?; tar xf a.tar -C nodir; echo $?; echo text | tar t; echo $?; tar tzf lines; echo $?; rm -f a.tar b.tar
### tar keeps modes and times
chmod 700 docs; chmod 604 docs/guide.md; touch -d '2020-01-02 03:04:05 UTC' docs/guide.md; tar cf a.tar docs; mkdir o; tar xpf a.tar -C o; stat -c '%a %Y %n' o/docs/guide.md; stat -c %a o/docs; rm a.tar
### tar of links
tar cf a.tar link dangling; mkdir o; tar xf a.tar -C o; readlink o/link o/dangling; rm a.tar
### tar over what is there
tar cf a.tar lines docs; echo changed > lines; rm docs/guide.md; touch docs/extra; tar xf a.tar; cat lines; ls docs; rm a.tar
### tar says what it does
tar cvf a.tar docs/guide.md lines; tar xvf a.tar; tar cvf - lines 2> said > /dev/null; cat said; rm a.tar
### gzip of a file
gzip lines; ls lines*; gunzip lines.gz; cat lines; gzip -k lines; ls lines*; zcat lines.gz; gzip -dc lines.gz | wc -l; rm lines.gz
### gzip through pipes
echo hello | gzip | gzip -d; cat lines | gzip -c | zcat; gzip < lines > l.gz; gunzip < l.gz; gzip -t l.gz; echo $?; gzip -d l.gz; cat l
### gzip that fails
gzip none; echo $?; gzip -d lines; echo $?; echo text | gzip -d; echo $?; gzip docs; echo $?; gzip -t lines; echo $?; gzip lines; touch lines; gzip lines < /dev/null; echo $?; rm -f lines.gz
### gzip keeps modes and times
chmod 640 lines; t=$(stat -c %Y lines); gzip lines; stat -c %a lines.gz; [ "$t" = "$(stat -c %Y lines.gz)" ] && echo time; gzip -d lines.gz; stat -c %a lines
### openssl
echo secret | openssl enc -aes-256-cbc -pbkdf2 -k pass > e; openssl enc -d -aes-256-cbc -pbkdf2 -k pass < e; openssl enc -aes-256-cbc -pbkdf2 -pass pass:x -in lines -out l.enc; openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:x -in l.enc; K=x openssl enc -d -aes-256-cbc -pbkdf2 -pass env:K -in l.enc | wc -l; rm e l.enc
### openssl with a wrong key
openssl enc -aes-256-cbc -pbkdf2 -k a -in lines -out e; openssl enc -d -aes-256-cbc -pbkdf2 -k b -in e > /dev/null; echo $?; openssl enc -d -aes-256-cbc -pbkdf2 -iter 5 -k a -in e > /dev/null; echo $?; openssl enc -d -aes-256-cbc -pbkdf2 -k a -in lines; echo $?; openssl enc -aes-256-cbc -pbkdf2 -k a -in none; echo $?; rm e
### the chain of a backup
set -euo pipefail; tar cf - docs | gzip | openssl enc -aes-256-cbc -pbkdf2 -k key > b.enc; openssl enc -d -aes-256-cbc -pbkdf2 -k key < b.enc | gzip -dc | tar tf - | wc -l; rm b.enc
### digests of archives
tar cf a.tar docs; cp a.tar b.tar; cmp a.tar b.tar && echo same; [ "$(sha256sum < a.tar)" = "$(sha256sum < b.tar)" ] && echo digest; [ -s a.tar ] && rm a.tar b.tar
### an archive by its ending
set -e; tar czf d.tar.gz docs; tar cf d.tar docs; for f in d.*; do case "$f" in *.gz | *.tgz) gzip -dc "$f" ;; *) cat "$f" ;; esac | tar tf - | wc -l; done; rm d.*
### a restore beside
set -e; tar czf b.tgz -C docs .; rm -rf docs/deep; mkdir docs.new; tar xzf b.tgz -C docs.new; mv docs docs.old; mv docs.new docs; find docs docs.old | sort; rm b.tgz
