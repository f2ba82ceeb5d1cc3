//! Contexts of a script: which are bound and how, which are refused and why.

use super::*;
use crate::template::lex;
use crate::template::testing::fragment;

fn of(source: &str) -> Result<String, Vec<Refusal>> {
    let pieces = lex::pieces(&fragment(source)).unwrap();
    forms(source, &pieces).map(|forms| {
        forms
            .iter()
            .map(|form| match form {
                Form::Word => 'w',
                Form::Bare => 'b',
                Form::Single => 's',
            })
            .collect()
    })
}

#[test]
fn every_understood_place_has_its_form() {
    for (source, expected) in [
        ("echo ${{ v }}", "w"),
        ("echo a${{ v }}b \"a ${{ v }}\" 'a ${{ v }}' \"${{ v }}${{ v }}\"", "wbsbb"),
        ("x=${{ v }}", "w"),
        ("x=${{ v }} y+=${{ v }} cmd", "ww"),
        ("export X=${{ v }}; local y=\"${{ v }}\"; readonly z=${{ v }}", "wbw"),
        ("a=(${{ v }} \"${{ v }}\"\n ${{ v }}) # done", "wbw"),
        ("echo $(cat ${{ v }}) \"$(cat \"${{ v }}\" '${{ v }}')\"", "wbs"),
        ("( cd ${{ v }} && ls ) || { echo ${{ v }}; }", "ww"),
        ("echo x > ${{ v }} 2>> \"${{ v }}\" < ${{ v }} &> ${{ v }} >| ${{ v }}", "wbwww"),
        ("cat <<< ${{ v }}", "w"),
        ("cat <<EOF\na ${{ v }} '${{ v }}' \"${{ v }}\" $(echo ${{ v }}) \\$x\nEOF\necho ${{ v }}", "bbbww"),
        ("cat <<-EOF | sort\n\ta ${{ v }}\n\tEOF\necho '${{ v }}'", "bs"),
        ("cat <<A <<B\n${{ v }}\nA\n${{ v }}\nB\n", "bb"),
        ("cat <<'EOF'\n$(x) ` ' \"\nEOF\necho ${{ v }}", "w"),
        ("if [ ${{ v }} = x ]; then echo ${{ v }}; elif test -e \"${{ v }}\"; then :; else echo ${{ v }}; fi", "wwbw"),
        ("if [[ ${{ v }} == x && ${{ v }} =~ ^(a|b)[[:space:]]$ ]]; then echo ${{ v }}; fi", "www"),
        ("for x in ${{ v }} \"${{ v }}\"; do echo \"$x\" ${{ v }}; done", "wbw"),
        ("for ((i=0; i<3; i++)); do echo ${{ v }}; done", "w"),
        ("while read -r l; do echo \"$l\" ${{ v }}; done < ${{ v }}", "ww"),
        ("case ${{ v }} in\n a|b) echo ${{ v }} ;;\n (*) echo x;;\nesac\necho ${{ v }}", "www"),
        ("case x in a) echo ${{ v }}; esac", "w"),
        ("f() { echo ${{ v }}; }; f ${{ v }}", "ww"),
        ("function g { echo ${{ v }}; }\ng", "w"),
        ("bash -c 'echo \"$1\"' bash ${{ v }}", "w"),
        ("docker run x sh -c 'find \"$1\"' sh \"${{ v }}\"", "b"),
        ("printf %s ${{ v }} | docker run -i x sh -c 'cat > /f'", "w"),
        ("tar tzf \"${{ v }}/${{ v }}\" | wc -l", "bb"),
        ("n=$((1 + 2)); echo $n ${{ v }} ${x:-y} ${#x} \"${x%/*}\" \"${x:-$(date)}\"", "w"),
        ("echo a#${{ v }} # it's a comment with ' and \" and `\necho ${{ v }}", "ww"),
        ("echo \"\\$${{ v }}\" \\\\${{ v }} '$${{ v }}' '\\${{ v }}'", "bwss"),
        ("echo *${{ v }}* ./[a-z]${{ v }} ~/${{ v }} {a,${{ v }}}", "wwww"),
        ("! mountpoint -q ${{ v }} && time ls ${{ v }}", "ww"),
        ("diff <(sort ${{ v }}) >(cat) ${{ v }}", "ww"),
        ("echo ${{ v }} \\\n  ${{ v }} |\n  sort ${{ v }}", "www"),
        ("fsck -p \"$dev\" || [ $? -le 1 ]\ngrep -q \"^$dev \" /etc/fstab ${{ v }}", "w"),
        (
            "for l in */m; do jq -n --arg d \"${l%/*}\" --arg t \"$(date -ur \"$l\" +%FT%TZ)\" '{d: $d}'; done | jq -s . ${{ v }}",
            "w",
        ),
        ("echo \"${{ v }}$\" \"$ ${{ v }}\"", "bb"),
        ("${{ v }} --help", "w"),
        ("echo é ${{ v }} ü", "w"),
    ] {
        assert_eq!(of(source).as_deref(), Ok(expected), "{source}");
    }
}

#[test]
fn every_other_place_is_refused() {
    for (source, reason) in [
        ("echo $((${{ v }} + 1))", "arithmetic"),
        ("((x = ${{ v }}))", "arithmetic"),
        ("for ((i=0; i<${{ v }}; i++)); do :; done", "arithmetic"),
        ("echo \"$(( ${{ v }} ))\"", "arithmetic"),
        ("echo $[${{ v }}]", "not understood"),
        ("[[ ${{ v }} -eq 1 ]]", "compares numbers"),
        ("[[ -v ${{ v }} ]]", "compares numbers"),
        ("if [[ x == y && 1 -lt \"${{ v }}\" ]]; then :; fi", "compares numbers"),
        ("test -v ${{ v }}", "subscripts"),
        ("printf -v ${{ v }} x", "subscripts"),
        ("bash -c \"echo ${{ v }}\"", "code for another shell"),
        ("sudo -u x bash -euo pipefail -c ${{ v }}", "code for another shell"),
        ("docker exec c sh -ec 'x '${{ v }}", "code for another shell"),
        ("bash -c\"${{ v }}\"", "option of another shell"),
        ("su postgres --command=\"${{ v }}\"", "option of another shell"),
        ("python3 -c \"print('${{ v }}')\"", "code for another shell"),
        ("perl -ne '${{ v }}'", "code for another shell"),
        ("\"$SHELL\" -c \"${{ v }}\"", "code for another shell"),
        ("find . -exec sh -c \"rm ${{ v }}\" \\;", "code for another shell"),
        ("eval \"x=${{ v }}\"", "`eval`"),
        ("'eval' ${{ v }}", "`eval`"),
        ("ev\\\nal ${{ v }}", "`eval`"),
        ("command eval ${{ v }}", "`eval`"),
        ("x=1 eval ${{ v }}", "`eval`"),
        ("let x=${{ v }}", "`let`"),
        ("trap \"rm ${{ v }}\" EXIT", "`trap`"),
        ("unset ${{ v }}", "`unset`"),
        ("read ${{ v }}", "`read`"),
        ("declare ${{ v }}", "name for `declare`"),
        ("declare -i x; x=${{ v }}", "`declare -i`"),
        ("x=${{ v }}; typeset -ri x", "`typeset -i`"),
        ("export \"${{ v }}\"", "name for `export`"),
        ("PS4=${{ v }}; set -x", "evaluates"),
        ("ssh host rm ${{ v }}", "`ssh`"),
        ("ssh -p 22 ${{ v }} uptime", "`ssh`"),
        ("gcloud compute ssh vm --command=\"${{ v }}\"", "`ssh`"),
        ("watch ls ${{ v }}", "`watch`"),
        ("echo `ls ${{ v }}`", "back-quotes"),
        ("echo \"`ls ${{ v }}`\"", "back-quotes"),
        ("cat <<EOF\n`ls ${{ v }}`\nEOF", "back-quotes"),
        ("cat <<'EOF'\n${{ v }}\nEOF", "end is quoted"),
        ("cat <<\\EOF\n${{ v }}\nEOF", "end is quoted"),
        ("cat <<\"E\"OF\n${{ v }}\nEOF", "end is quoted"),
        ("cat <<${{ v }}\nx\n", "not a plain word"),
        ("# ${{ v }}", "comment"),
        ("ls # '${{ v }}'", "comment"),
        ("echo ${x:-${{ v }}}", "inside `${…}`"),
        ("echo \"${x#${{ v }}}\"", "inside `${…}`"),
        ("echo ${x:-\"${{ v }}\"}", "inside `${…}`"),
        ("echo ${x:-$(ls ${{ v }})}", "inside `${…}`"),
        ("echo $'${{ v }}'", "inside `$'…'`"),
        ("echo $\"${{ v }}\"", "not understood"),
        ("echo $${{ v }}", "`$` stands before"),
        ("echo \"$${{ v }}\"", "`$` stands before"),
        ("cat <<EOF\n$${{ v }}\nEOF", "`$` stands before"),
        ("echo \\${{ v }}", "`\\` stands before"),
        ("echo \"\\${{ v }}\"", "`\\` stands before"),
        ("echo \"\\\\\\${{ v }}\"", "`\\` stands before"),
        ("cat <<EOF\n\\${{ v }}\nEOF", "`\\` stands before"),
        ("case x in ${{ v }}) echo;; esac", "pattern of `case`"),
        ("case x in a|\"${{ v }}\") echo;; esac", "pattern of `case`"),
        ("a[${{ v }}]=1", "subscript"),
        ("a[\"${{ v }}\"]=1", "subscript"),
        ("a=([${{ v }}]=1)", "subscript"),
        ("a[0]=${{ v }}", "subscript"),
        ("f${{ v }}() { :; }", "name a function"),
        ("function ${{ v }} { :; }", "name a function"),
        ("for ${{ v }} in a; do :; done", "name a variable"),
        ("ls 2>&${{ v }}", "descriptor"),
        ("bash <<EOF\necho ${{ v }}\nEOF", "what `bash` reads"),
        ("docker exec -i c bash <<EOF\necho ${{ v }}\nEOF", "what `bash` reads"),
        ("cat <<EOF | ssh h\necho ${{ v }}\nEOF", "what `ssh` reads"),
        ("bash <<< \"echo ${{ v }}\"", "what `bash` reads"),
        ("bash <(echo ${{ v }})", "what `bash` reads"),
        ("source <(echo ${{ v }})", "what `source` reads"),
        (". <(echo ${{ v }})", "what `.` reads"),
        ("echo ${{ v }} | bash", "what `bash` reads"),
        ("echo ${{ v }} | tee x | sudo sh -s", "what `sh` reads"),
        ("{ echo ${{ v }}; } | bash", "what `bash` reads"),
        ("( echo ${{ v }} ) | bash", "what `bash` reads"),
        ("for x in a; do echo ${{ v }}; done | bash", "what `bash` reads"),
        ("echo ${{ v }} | while read -r l; do bash; done", "what `bash` reads"),
        ("echo ${{ v }} |\nbash", "what `bash` reads"),
        ("echo ${{ v }} | at now", "what `at` reads"),
        ("echo 'a ${{ v }}", "not closed"),
        ("echo \"a ${{ v }}", "not closed"),
        ("echo $(ls ${{ v }}", "not closed"),
        ("cat <<EOF\n${{ v }}\n", "no end"),
        ("echo ${{ v }} )", "closes nothing"),
        ("ls !(a) ${{ v }}", "not understood"),
        ("echo \"${x:-\"a\"}\" ${{ v }}", "not understood"),
        ("coproc ls ${{ v }}", "not understood"),
        ("$(cat <<EOF) ${{ v }}\nEOF\n", "here-document"),
    ] {
        let refusals = of(source).expect_err(source);
        let all: Vec<_> = refusals.iter().map(|refusal| refusal.message.as_str()).collect();
        assert!(all.iter().any(|message| message.contains(reason)), "{source}: {all:?}");
        assert!(!refusals[0].help.is_empty());
    }
}

#[test]
fn each_value_is_judged_for_itself() {
    let refusals = of("echo ${{ v }} $((${{ v }}))\n# ${{ v }}\necho ${{ v }}").unwrap_err();
    assert_eq!(refusals.len(), 2);
}
