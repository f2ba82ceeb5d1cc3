//! Words: splitting, values that stay one argument, options that data cannot make.

use serde_json::json;

use super::*;
use crate::template::testing::{at, scope, text};

fn line(source: &str) -> Words {
    Words::parse(&Argv::Line(text(source))).unwrap_or_else(|errors| panic!("{source}: {errors:?}"))
}

fn list(sources: &[&str]) -> Words {
    Words::parse(&Argv::List(sources.iter().map(|source| text(source)).collect())).unwrap()
}

fn world() -> Scope {
    scope(&json!({
        "x": "a b 'c' \"d\" $(e) `f` #g\n",
        "dash": "--privileged",
        "empty": "",
        "minus": -1,
        "items": ["a b", "", "c"],
        "options": ["ok", "-rf"],
        "mixed": ["a", {}],
        "nul": "a\u{0}b",
    }))
}

#[test]
fn words_split_as_in_a_shell_that_expands_nothing() {
    for (source, expected) in [
        ("a  b\tc\nd", vec!["a", "b", "c", "d"]),
        ("info --format {{.Name}}", vec!["info", "--format", "{{.Name}}"]),
        ("--format '{{json .State}}'", vec!["--format", "{{json .State}}"]),
        ("a'b c'\"d e\"f", vec!["ab cd ef"]),
        ("'' \"\" x", vec!["", "", "x"]),
        (r#"a\ b "c\"d\\e\f" 'g\h'"#, vec!["a b", r#"c"d\e\f"#, r"g\h"]),
        ("'# | & ; < > $ `' \"# | & ; < > $ \"", vec!["# | & ; < > $ `", "# | & ; < > $ "]),
        ("a \\\n b", vec!["a", "b"]),
        ("x=${{ x }} ${{x}}", vec!["x=a b 'c' \"d\" $(e) `f` #g\n", "a b 'c' \"d\" $(e) `f` #g\n"]),
        ("'${{ x }}'\"${{ empty }}\" ${{ empty }} z", vec!["a b 'c' \"d\" $(e) `f` #g\n", "", "z"]),
        ("~ * {a,b} !x", vec!["~", "*", "{a,b}", "!x"]),
        ("--filter=\"a~/b/${{ empty }}$ AND c\"", vec!["--filter=a~/b/$ AND c"]),
        ("é 'ü'", vec!["é", "ü"]),
    ] {
        assert_eq!(line(source).render(&world()).unwrap(), expected, "{source}");
    }
}

#[test]
fn what_a_shell_would_treat_specially_names_shell() {
    for c in ["#", "|", "&", ";", "<", ">", "$", "`"] {
        let source = format!("a {c}b 'ok'");
        let errors = Words::parse(&Argv::Line(text(&source))).unwrap_err();
        assert_eq!(at(&source, errors[0].span.unwrap()), c);
        assert!(errors[0].help.as_deref().unwrap().contains("shell:"), "{c}");
    }
    for source in ["a \"$HOME\"", "a \"$(x)\"", "a \"${x}\"", "a \"`x`\"", "a \"$1\""] {
        assert!(Words::parse(&Argv::Line(text(source))).is_err(), "{source}");
    }
    for source in ["a 'b", "a \"b", "a\\", "", "  ", "a\0"] {
        assert!(Words::parse(&Argv::Line(text(source))).is_err(), "{source:?}");
    }
    assert_eq!(Words::parse(&Argv::Line(text("a | b > c"))).unwrap_err().len(), 2);
}

#[test]
fn a_value_never_becomes_an_option() {
    for source in
        ["rm ${{ dash }}", "rm \"${{ dash }}\"", "rm ''${{ dash }}x", "rm ${{ empty }}${{ dash }}", "rm ${{ minus }}"]
    {
        let error = line(source).render(&world()).unwrap_err();
        assert!(error.message.contains("begins with `-`"), "{source}: {}", error.message);
    }
    assert!(list(&["rm", "${{ options }}"]).render(&world()).is_err());
    for (source, expected) in [
        ("rm --x=${{ dash }}", vec!["rm", "--x=--privileged"]),
        ("rm ./${{ dash }}", vec!["rm", "./--privileged"]),
        ("rm ${{ '-f' if minus < 0 else '' }}", vec!["rm", "-f"]),
    ] {
        assert_eq!(line(source).render(&world()).unwrap(), expected, "{source}");
    }
}

#[test]
fn only_an_element_of_a_list_adds_items() {
    assert_eq!(list(&["a b", "${{ items }}", "x${{ empty }}"]).render(&world()).unwrap(), ["a b", "a b", "", "c", "x"]);
    assert!(line("a ${{ items }}").render(&world()).is_err());
    assert!(list(&["a", "x${{ items }}"]).render(&world()).is_err());
    assert!(list(&["a", "${{ mixed }}"]).render(&world()).unwrap_err().message.contains("an item of `mixed`"));
}

#[test]
fn nul_is_refused() {
    for words in [line("a ${{ nul }}"), line("a x${{ nul }}"), list(&["${{ [nul] }}"])] {
        assert!(words.render(&world()).unwrap_err().message.contains("NUL"));
    }
}

#[test]
fn literals_previews_and_references() {
    let words = line("compose 'up x' ${{ x }} --a=${{ nope.y }}");
    assert_eq!(words.literals(), [Some("compose".to_owned()), Some("up x".to_owned()), None, None]);
    assert_eq!(words.preview(&world())[3], "--a=‹error›");
    assert_eq!(words.references()[1].0.path, ["nope", "y"]);
    assert_eq!(serde_json::to_value(list(&["a", "${{ x }}"])).unwrap(), json!(["a", "${{ x }}"]));
}
