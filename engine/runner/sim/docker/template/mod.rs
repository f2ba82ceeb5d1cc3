//! Go templates, as far as `--format` is used: fields, variables, `if`, `range`, `with`, pipelines and the usual functions.

mod evaluate;
mod functions;
mod lex;
mod parse;
mod tree;

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::process::Unsimulated;
use tree::Node;

/// A template that was read.
#[derive(Debug)]
pub struct Template {
    name: &'static str,
    text: String,
    nodes: Vec<Node>,
}

/// Why there is no text.
#[derive(Debug, PartialEq, Eq)]
pub enum Bad {
    /// It cannot be read: Go's words.
    Syntax(String),
    /// It stumbled: what was printed until then, and Go's words.
    Failed(String, String),
    /// This world does not know it.
    Unsimulated(Unsimulated),
}

/// What a template is laid over.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub value: &'a Value,
    /// The Go type of a table's line or a structure; none: a document of the daemon.
    pub of_type: Option<&'static str>,
    /// What `.Label "name"` looks in.
    pub labels: Option<&'a BTreeMap<String, String>>,
}

impl<'a> Subject<'a> {
    /// A document of the daemon.
    pub const fn document(value: &'a Value) -> Self {
        Self { value, of_type: None, labels: None }
    }
}

impl From<Unsimulated> for Bad {
    fn from(what: Unsimulated) -> Self {
        Self::Unsimulated(what)
    }
}

impl Template {
    /// Reads a template; the name stands in its errors.
    ///
    /// # Errors
    /// It is not one, or has words that are not simulated.
    pub fn parse(text: &str, name: &'static str) -> Result<Self, Bad> {
        let nodes = parse::parse(text, name)?;
        Ok(Self { name, text: text.to_owned(), nodes })
    }

    /// The text for a subject.
    ///
    /// # Errors
    /// A field is not there, a function does not take its arguments.
    pub fn execute(&self, subject: Subject<'_>) -> Result<String, Bad> {
        evaluate::execute(self, subject)
    }

    /// The fields of the subject that it can look at, and perhaps others; none: it looks at the whole.
    pub fn roots(&self) -> Option<Vec<&str>> {
        let mut roots = Vec::new();
        tree::roots(&self.nodes, &mut roots).then_some(roots)
    }

    /// `name:line:column` of an offset.
    fn place(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rfind('\n').map_or(at, |newline| at - newline - 1);
        format!("{}:{line}:{column}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(template: &str) -> String {
        let value = json!({
            "Name": "/web", "Empty": null, "Binds": null,
            "State": { "Status": "running", "Running": true, "ExitCode": 0 },
            "Config": { "Env": ["A=1", "B=2"], "Labels": { "b": "2", "a": "1" }, "Cmd": ["sleep", "1"] },
            "NetworkSettings": { "Ports": { "80/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "8080" }] } },
        });
        match Template::parse(template, "").and_then(|template| template.execute(Subject::document(&value))) {
            Ok(text) | Err(Bad::Syntax(text) | Bad::Failed(_, text)) => text,
            Err(Bad::Unsimulated(what)) => format!("not simulated: {what}"),
        }
    }

    #[test]
    fn fields_text_and_json() {
        assert_eq!(said("{{.Name}} is {{.State.Status}}"), "/web is running");
        assert_eq!(said("{{json .Config.Labels}} {{.Config.Env | json}}"), r#"{"b":"2","a":"1"} ["A=1","B=2"]"#);
        assert_eq!(said("{{.Config.Env}} {{.Config.Labels}} {{.Binds}}"), "[A=1 B=2] map[a:1 b:2] []");
    }

    #[test]
    fn control_structures() {
        assert_eq!(said("{{if .State.Health}}x{{else}}none{{end}}"), "none");
        assert_eq!(said("{{range .Config.Env}}{{.}};{{end}}"), "A=1;B=2;");
        assert_eq!(said("{{range $i, $e := .Config.Env}}{{if $i}},{{end}}{{$e}}{{end}}"), "A=1,B=2");
        assert_eq!(said("{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}"), "a=1 b=2 ");
        assert_eq!(said("{{range .Binds}}x{{else}}none{{end}}"), "none");
        assert_eq!(said("{{with .State}}{{.Status}}{{end}} {{- \" x \" -}} {{/* c */}}y"), "running x y");
        assert_eq!(said("{{if eq .State.Status \"exited\"}}a{{else if .State.Running}}b{{else}}c{{end}}"), "b");
        assert_eq!(said("{{$x := .Name}}{{$x}}"), "/web");
    }

    #[test]
    fn functions() {
        assert_eq!(said("{{index .Config.Labels \"a\"}}{{index .Config.Env 1}}"), "1B=2");
        assert_eq!(said("{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}"), "8080");
        assert_eq!(said("{{len .Config.Env}} {{.Name | upper}} {{join .Config.Env \",\"}}"), "2 /WEB A=1,B=2");
        assert_eq!(said("{{println .Name}}"), "/web\n");
        assert_eq!(said("{{printf \"%s-%d %q\" .Name .State.ExitCode .Name}}"), "/web-0 \"/web\"");
        assert_eq!(
            said("{{eq .State.ExitCode 0 1 2}} {{ne 1 2}} {{and true .Name}} {{or \"\" \"x\"}}"),
            "true true /web x"
        );
        assert_eq!(
            said("{{split .Name \"/\"}}{{title \"ab\"}}{{pad \"x\" 1 2}}{{truncate \"abcdef\" 3}}"),
            "[ web]Ab x  abc"
        );
    }

    #[test]
    fn what_it_looks_at_is_known_before() {
        let roots = |text: &str| Template::parse(text, "").unwrap().roots().map(|roots| roots.join(" "));
        assert_eq!(roots("{{.State.Status}} {{if .Id}}{{(index .Mounts 0).Name}}{{end}}").unwrap(), "State Id Mounts");
        assert_eq!(roots("{{range .Mounts}}{{.Name}}{{$.Id}}{{end}}").unwrap(), "Mounts Name Id");
        assert_eq!(roots("{{json .}}"), None);
        assert_eq!(roots("{{len $}}"), None);
    }

    #[test]
    fn errors_are_those_of_go() {
        assert_eq!(
            said("{{.Nosuch}}"),
            "template: :1:2: executing \"\" at <.Nosuch>: map has no entry for key \"Nosuch\""
        );
        assert_eq!(
            said("{{.State.Health.Status}}"),
            "template: :1:8: executing \"\" at <.State.Health.Status>: map has no entry for key \"Health\""
        );
        assert_eq!(
            said("{{json .Name}}{{json .State.Nosuch}}"),
            "template: :1:27: executing \"\" at <.State.Nosuch>: map has no entry for key \"Nosuch\""
        );
        assert_eq!(
            said("{{.Name.Foo}}"),
            "template: :1:7: executing \"\" at <.Name.Foo>: can't evaluate field Foo in type interface {}"
        );
        assert_eq!(
            said("{{index .Config.Env 10}}"),
            "template: :1:2: executing \"\" at <index .Config.Env 10>: error calling index: index out of range: 10"
        );
        assert_eq!(said("{{.State"), "template: :1: unclosed action");
        assert_eq!(said("{{if .Name}}x"), "template: :1: unexpected EOF");
        assert_eq!(said("{{if}}x{{end}}"), "template: :1: missing value for if");
        assert_eq!(said("x{{else}}"), "template: :1: unexpected {{else}}");
        assert_eq!(said("{{nosuch .Id}}"), "template: :1: function \"nosuch\" not defined");
        assert_eq!(said("{{.State}}"), "not simulated: `{{.State}}` of a `--format`: a structure as Go prints it");
    }
}
