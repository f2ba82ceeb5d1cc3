//! Source to tree: minijinja's parser, and every check that needs no values.

use std::ops::Range;

use minijinja::machinery::ast::{self, BinOpKind, CallArg, CallType, CompareOpKind, Expr, UnaryOpKind};
use minijinja::machinery::{Span, parse_expr};
use minijinja::value::Value;

use super::environment;
use super::node::{Arg, Kind, Math, Node, Relation};
use crate::template::value::authored;

/// Longer expressions are a mistake, and their tree would be deep.
const LONGEST: usize = 8 * 1024;
/// Nesting: what the evaluator's stack is sure to bear.
const DEEPEST: usize = 120;

/// A mistake in a range of the source.
pub(super) struct Mistake {
    pub code: &'static str,
    pub range: Range<usize>,
    pub message: String,
    pub help: Option<String>,
}

/// The tree, or every mistake.
pub(super) fn parse(source: &str) -> Result<Node, Vec<Mistake>> {
    let all = 0..source.len();
    if source.trim().is_empty() {
        return Err(vec![advised(all, "an expression is missing", "write one, like `exit == 0`")]);
    }
    if source.len() > LONGEST {
        return Err(vec![advised(
            all,
            "the expression is longer than 8 KiB",
            "give its parts names under `vars:` or `outputs:`",
        )]);
    }
    let tree = parse_expr(source).map_err(|error| vec![syntax_error(source, &error)])?;
    let mut lowering = Lowering { source, mistakes: Vec::new(), depth: 0 };
    let node = lowering.node(&tree);
    if lowering.mistakes.is_empty() { Ok(node) } else { Err(lowering.mistakes) }
}

fn syntax(range: Range<usize>, message: impl Into<String>) -> Mistake {
    Mistake { code: "template::syntax", range, message: message.into(), help: None }
}

fn syntax_error(source: &str, error: &minijinja::Error) -> Mistake {
    let range = error.range().unwrap_or(0..source.len());
    let detail = error.detail().unwrap_or("it cannot be read");
    let cut = detail.starts_with("unexpected end of input");
    let mut mistake = if cut {
        syntax(range, "this is not an expression: it ends too early")
    } else {
        syntax(range, format!("this is not an expression: {detail}"))
    };
    let operators = [
        ("${{", "an expression stands here without `${{ }}`"),
        ("&&", "write `and`"),
        ("||", "write `or`"),
        ("=~", "write `text is matching 'pattern'`"),
        ("===", "write `==`"),
        (" = ", "to compare, write `==`"),
    ];
    mistake.help = operators.iter().find(|(written, _)| source.contains(written)).map(|(_, help)| (*help).to_owned());
    if mistake.help.is_none() && source.trim_start().starts_with('!') {
        mistake.help = Some("write `not`".to_owned());
    }
    let usual = if cut {
        "add what is missing, or leave the last operator out"
    } else {
        "expressions are written like `exit == 0 and stdout is containing 'ok'`"
    };
    mistake.help = mistake.help.or_else(|| Some(usual.to_owned()));
    mistake
}

fn advised(range: Range<usize>, message: &str, help: &str) -> Mistake {
    Mistake { help: Some(help.to_owned()), ..syntax(range, message) }
}

struct Lowering<'s> {
    source: &'s str,
    mistakes: Vec<Mistake>,
    depth: usize,
}

fn bytes(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

impl Lowering<'_> {
    fn report(&mut self, range: Range<usize>, message: String, help: Option<String>) {
        self.mistakes.push(Mistake { code: "template::unknown_name", range, message, help });
    }

    fn boxed(&mut self, expr: &Expr<'_>) -> Box<Node> {
        Box::new(self.node(expr))
    }

    fn node(&mut self, expr: &Expr<'_>) -> Node {
        let span = bytes(expr.span());
        if self.depth >= DEEPEST {
            if self.mistakes.is_empty() {
                let help = "give its parts names under `vars:` or `outputs:`";
                self.mistakes.push(advised(span.clone(), "the expression is nested too deeply", help));
            }
            return Node { range: span, kind: Kind::Const(Value::UNDEFINED) };
        }
        self.depth += 1;
        let kind = self.kind(expr, &span);
        self.depth -= 1;
        // The parser's own start is that of the token before for some nodes: the leftmost part knows better.
        let start = leftmost(&kind).unwrap_or(span.start);
        Node { range: start..span.end.max(start), kind }
    }

    fn kind(&mut self, expr: &Expr<'_>, span: &Range<usize>) -> Kind {
        match expr {
            Expr::Const(constant) => Kind::Const(match constant.value.as_str() {
                Some(text) => authored(text),
                None => constant.value.clone(),
            }),
            Expr::Var(var) => Kind::Name(var.id.to_owned()),
            Expr::GetAttr(attr) => Kind::Attr(self.boxed(&attr.expr), attr.name.to_owned()),
            Expr::GetItem(item) => Kind::Item(self.boxed(&item.expr), self.boxed(&item.subscript_expr)),
            Expr::Slice(slice) => {
                let base = self.boxed(&slice.expr);
                let bounds = [&slice.start, &slice.stop, &slice.step];
                Kind::Slice(base, bounds.map(|bound| bound.as_ref().map(|bound| self.boxed(bound))))
            }
            Expr::UnaryOp(op) => match op.op {
                UnaryOpKind::Not => Kind::Not(self.boxed(&op.expr)),
                UnaryOpKind::Neg => Kind::Neg(self.boxed(&op.expr)),
            },
            Expr::BinOp(op) => self.binary(op),
            Expr::Compare(compare) => {
                let first = self.boxed(&compare.expr);
                let rest = compare.ops.iter().map(|op| (relation(op.op), self.node(&op.expr))).collect();
                Kind::Compare(first, rest)
            }
            Expr::IfExpr(choice) => Kind::If {
                test: self.boxed(&choice.test_expr),
                then: self.boxed(&choice.true_expr),
                otherwise: choice.false_expr.as_ref().map(|expr| self.boxed(expr)),
            },
            Expr::Filter(filter) => {
                let on = match &filter.expr {
                    Some(expr) => self.boxed(expr),
                    None => Box::new(Node { range: span.clone(), kind: Kind::Const(Value::UNDEFINED) }),
                };
                self.known(filter.name, "filter", environment::FILTERS, on.range.end..span.end);
                let args = self.args(&filter.args);
                self.named_in_arguments(filter.name, &args);
                Kind::Filter { name: filter.name.to_owned(), on, args }
            }
            Expr::Test(test) => {
                let on = self.boxed(&test.expr);
                self.known(test.name, "test", environment::TESTS, on.range.end..span.end);
                let args = self.args(&test.args);
                self.pattern(test.name, args.first());
                Kind::Test { name: test.name.to_owned(), on, args }
            }
            Expr::Call(call) => self.call(call, span),
            Expr::List(list) => Kind::List(list.items.iter().map(|item| self.node(item)).collect()),
            Expr::Tuple(tuple) => Kind::List(tuple.items.iter().map(|item| self.node(item)).collect()),
            Expr::Map(map) => Kind::Map(
                map.keys.iter().zip(&map.values).map(|(key, value)| (self.node(key), self.node(value))).collect(),
            ),
        }
    }

    fn binary(&mut self, op: &ast::BinOp<'_>) -> Kind {
        let left = self.boxed(&op.left);
        let right = self.boxed(&op.right);
        let math = match op.op {
            BinOpKind::ScAnd => return Kind::And(left, right),
            BinOpKind::ScOr => return Kind::Or(left, right),
            BinOpKind::Eq => return compare(left, Relation::Eq, right),
            BinOpKind::Ne => return compare(left, Relation::Ne, right),
            BinOpKind::Lt => return compare(left, Relation::Lt, right),
            BinOpKind::Lte => return compare(left, Relation::Le, right),
            BinOpKind::Gt => return compare(left, Relation::Gt, right),
            BinOpKind::Gte => return compare(left, Relation::Ge, right),
            BinOpKind::In => return compare(left, Relation::In, right),
            BinOpKind::Add => Math::Add,
            BinOpKind::Sub => {
                self.dashed_id(&left, &right);
                Math::Sub
            }
            BinOpKind::Mul => Math::Mul,
            BinOpKind::Div => Math::Div,
            BinOpKind::FloorDiv => Math::FloorDiv,
            BinOpKind::Rem => Math::Rem,
            BinOpKind::Pow => Math::Pow,
            BinOpKind::Concat => Math::Concat,
        };
        Kind::Math(math, left, right)
    }

    /// `steps.my-step.outputs`: an id with a dash reads as a subtraction of two names.
    fn dashed_id(&mut self, left: &Node, right: &Node) {
        let (Some(before), Some(after)) = (left.path(), right.path()) else { return };
        if self.source.get(left.range.end..right.range.start) != Some("-") || before.len() < 2 {
            return;
        }
        let range = left.range.start..right.range.end;
        let written = &self.source[range.clone()];
        let last = format!("{}_{}", before.last().unwrap_or(&""), after[0]);
        self.report(
            range,
            format!("`-` in `{written}` is a minus"),
            Some(format!("ids are snake_case: `{last}`; to subtract, put spaces around the minus")),
        );
    }

    fn call(&mut self, call: &ast::Call<'_>, span: &Range<usize>) -> Kind {
        let (message, help) = match call.identify_call() {
            CallType::Function("range") => return Kind::Range(self.args(&call.args)),
            CallType::Function(name) if environment::FILTERS.contains(&name) => {
                (format!("`{name}` is a filter, not a function"), Some(format!("write `value | {name}`")))
            }
            CallType::Function(name) if environment::TESTS.contains(&name) => {
                (format!("`{name}` is a test, not a function"), Some(format!("write `value is {name}`")))
            }
            CallType::Function(name) => {
                (format!("there is no function `{name}`"), Some("the only one is `range`".to_owned()))
            }
            CallType::Method(_, name) => {
                let help = environment::FILTERS.contains(&name).then(|| format!("write `value | {name}`"));
                (format!("values have no methods, so there is no `.{name}()`"), help)
            }
            _ => ("only `range(…)` can be called".to_owned(), None),
        };
        let start = self.node(&call.expr).range.start;
        self.report(start..span.end, message, help);
        Kind::Const(Value::UNDEFINED)
    }

    fn args(&mut self, args: &[CallArg<'_>]) -> Vec<Arg> {
        let mut lowered = Vec::with_capacity(args.len());
        for arg in args {
            match arg {
                CallArg::Pos(expr) => lowered.push(Arg { keyword: None, value: self.node(expr) }),
                CallArg::Kwarg(name, expr) => {
                    lowered.push(Arg { keyword: Some((*name).to_owned()), value: self.node(expr) });
                }
                CallArg::PosSplat(expr) | CallArg::KwargSplat(expr) => {
                    self.mistakes.push(syntax(bytes(expr.span()), "`*` before an argument is not supported"));
                }
            }
        }
        lowered
    }

    fn known(&mut self, name: &str, what: &str, names: &[&str], range: Range<usize>) {
        if names.contains(&name) {
            return;
        }
        // The range covers `| name(…)`: point at the name alone.
        let start =
            self.source.get(range.clone()).and_then(|text| text.find(name)).map_or(range.start, |at| range.start + at);
        let help = nearest(name, names.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        self.report(start..start + name.len(), format!("there is no {what} `{name}`"), help);
    }

    /// Filters that take the name of a test or filter as text fail at run time otherwise.
    fn named_in_arguments(&mut self, filter: &str, args: &[Arg]) {
        let (at, what, names) = match filter {
            "select" | "reject" => (0, "test", environment::TESTS),
            "selectattr" | "rejectattr" => (1, "test", environment::TESTS),
            "map" => (0, "filter", environment::FILTERS),
            _ => return,
        };
        let Some(arg) = args.get(at).filter(|arg| arg.keyword.is_none()) else { return };
        if let Some(name) = arg.value.const_text() {
            let name = name.to_owned();
            self.known(&name, what, names, arg.value.range.clone());
            if what == "test" {
                self.pattern(&name, args.get(at + 1));
            }
        }
    }

    /// A pattern that is written out is compiled now.
    fn pattern(&mut self, test: &str, arg: Option<&Arg>) {
        let Some((arg, pattern)) = arg.and_then(|arg| Some((arg, arg.value.const_text()?))) else { return };
        let error = match test {
            "matching" => environment::regex(pattern).err(),
            "glob" => environment::glob(pattern).err(),
            _ => None,
        };
        if let Some(error) = error {
            self.mistakes.push(syntax(arg.value.range.clone(), error));
        }
    }
}

#[expect(clippy::boxed_local, reason = "both operands of every operator come boxed")]
fn compare(left: Box<Node>, relation: Relation, right: Box<Node>) -> Kind {
    Kind::Compare(left, vec![(relation, *right)])
}

fn relation(op: CompareOpKind) -> Relation {
    match op {
        CompareOpKind::Eq => Relation::Eq,
        CompareOpKind::Ne => Relation::Ne,
        CompareOpKind::Lt => Relation::Lt,
        CompareOpKind::Lte => Relation::Le,
        CompareOpKind::Gt => Relation::Gt,
        CompareOpKind::Gte => Relation::Ge,
        CompareOpKind::In => Relation::In,
        CompareOpKind::NotIn => Relation::NotIn,
    }
}

fn leftmost(kind: &Kind) -> Option<usize> {
    match kind {
        Kind::Attr(first, _)
        | Kind::Item(first, _)
        | Kind::Slice(first, _)
        | Kind::And(first, _)
        | Kind::Or(first, _)
        | Kind::Math(_, first, _)
        | Kind::Compare(first, _)
        | Kind::If { then: first, .. }
        | Kind::Filter { on: first, .. }
        | Kind::Test { on: first, .. } => Some(first.range.start),
        // `x not in y` and `x is not y`: the negation stands behind its operand.
        Kind::Not(operand) if matches!(operand.kind, Kind::Test { .. } | Kind::Compare(..)) => None,
        _ => None,
    }
}

/// The nearest of some names, if near enough to be a slip.
pub(super) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (name.len().max(candidate.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
