//! A thousand hostile strings, the same in every run; ten thousand with `RUNBOOK_SWEEP=full`.

/// Characters and sequences that mean something to a shell, a terminal, a template or a C string.
const PARTS: [&str; 62] = [
    "'",
    "\"",
    "`",
    "$",
    "\\",
    "!",
    "*",
    "?",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "|",
    "&",
    ";",
    "#",
    "~",
    "=",
    "%",
    "^",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\u{1b}[31m",
    "\u{7}",
    "\u{202e}",
    "\u{200b}",
    "é",
    "日本",
    "🦀",
    "\u{301}",
    "$(touch PWNED)",
    "`touch PWNED`",
    "${IFS}",
    "$HOME",
    "${RB_1}",
    "$((1+1))",
    "$'\\x41'",
    "\\n",
    "\\x41",
    "\\u0041",
    "\\0",
    "%s%n",
    "%00",
    "';touch PWNED;'",
    "\";touch PWNED;\"",
    "\nEOF\n",
    "\nEOF\ntouch PWNED\n",
    "|| touch PWNED",
    "{{ x }}",
    "${{ secrets.x }}",
    "a[$(touch PWNED)]",
    "::set-env name=A::b",
    "--",
    "-",
    "word",
];

/// Whole strings that are worth having as they are.
const WHOLE: [&str; 34] = [
    "",
    " ",
    "   ",
    "\n",
    "\n\n\n",
    "\t",
    "-",
    "--",
    "-n",
    "-e",
    "-rf",
    "--help",
    "--upload-pack=touch PWNED",
    "-oProxyCommand=touch PWNED",
    "'",
    "\"",
    "\\",
    "\\\\",
    "$",
    "$$",
    "\\\"",
    "'\\''",
    "EOF",
    "\nEOF",
    "a\n",
    "a\\",
    "a\\\n",
    "*",
    "/*",
    "~root",
    "!!",
    "(",
    "]",
    "=",
];

/// As many as this run takes.
fn count() -> usize {
    if std::env::var("RUNBOOK_SWEEP").is_ok_and(|sweep| sweep == "full") { 10_000 } else { 1_000 }
}

/// The whole ones, very long ones, and mixtures.
pub fn strings() -> Vec<String> {
    let mut strings: Vec<String> = WHOLE.iter().map(|&text| text.to_owned()).collect();
    strings.push("x".repeat(60_000));
    strings.push("'\"$(`\\\n".repeat(5_000));
    strings.extend(PARTS.iter().map(|&part| part.to_owned()));
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        // xorshift64: repeatable, and good enough to mix.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % u64::try_from(below).unwrap()).unwrap()
    };
    while strings.len() < count() {
        let length = 1 + next(9);
        strings.push((0..length).map(|_| PARTS[next(PARTS.len())]).collect());
    }
    strings
}

#[test]
fn as_many_as_asked_for_and_repeatable() {
    assert_eq!(strings().len(), count());
    crate::survive::running::say(&format!("{} hostile strings", count()));
    assert_eq!(strings(), strings());
    assert!(strings().iter().all(|text| !text.contains('\0')));
}
