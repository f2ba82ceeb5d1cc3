//! The one static environment: which filters and tests there are. What could make much out of little (padding, batches) is left
//! out, so that an expression's cost is bounded by its input.

use std::sync::LazyLock;

use globset::{GlobBuilder, GlobMatcher};
use minijinja::{Environment, UndefinedBehavior};
use regex::{Regex, RegexBuilder};

use super::{conversions, filters, predicates};

/// Every filter of the language.
pub(super) const FILTERS: &[&str] = &[
    "abs",
    "age",
    "attr",
    "bool",
    "bytes",
    "capitalize",
    "chain",
    "count",
    "d",
    "default",
    "dictsort",
    "duration",
    "filesize",
    "first",
    "float",
    "groupby",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "newest",
    "path",
    "regex_escape",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "seconds",
    "select",
    "selectattr",
    "semver",
    "sort",
    "split",
    "string",
    "sum",
    "timestamp",
    "title",
    "tojson",
    "trim",
    "unique",
    "upper",
    "zip",
];

/// Every test of the language.
pub(super) const TESTS: &[&str] = &[
    "!=",
    "<",
    "<=",
    "==",
    ">",
    ">=",
    "boolean",
    "containing",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "even",
    "false",
    "float",
    "ge",
    "glob",
    "greaterthan",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "matching",
    "ne",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];

/// The environment; only its filters and tests are used.
pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    conversions::add(&mut environment);
    filters::add(&mut environment);
    predicates::add(&mut environment);
    environment
});

/// A pattern as `matching` takes it; finds anywhere in the text.
pub(super) fn regex(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| format!("`{pattern}` is not a regular expression: {}", last_line(&error.to_string())))
}

/// A pattern as `glob` takes it; `*` stops at `/`, as in a shell.
pub(super) fn glob(pattern: &str) -> Result<GlobMatcher, String> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| format!("`{pattern}` is not a glob pattern: {}", error.kind()))
}

/// The reason in an error that draws the pattern first.
fn last_line(error: &str) -> &str {
    error.lines().last().unwrap_or(error).trim_start_matches("error: ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::{ErrorKind, Value};

    #[test]
    fn every_listed_name_is_there() {
        let mut state = ENVIRONMENT.empty_state();
        for name in FILTERS {
            let result = state.apply_filter(name, &[Value::from(1)]);
            assert!(!matches!(result, Err(error) if error.kind() == ErrorKind::UnknownFilter), "{name}");
        }
        for name in TESTS {
            let result = state.perform_test(name, &[Value::from(1), Value::from(1)]);
            assert!(!matches!(result, Err(error) if error.kind() == ErrorKind::UnknownTest), "{name}");
        }
    }
}
