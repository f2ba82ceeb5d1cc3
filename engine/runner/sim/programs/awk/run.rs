//! Runs an `awk` program over its lines.

use std::collections::BTreeMap;

use super::super::text::formatted;
use super::Unsimulated;
use super::syntax::{Expression, Rule, Statement, When};
use super::value::Value;

/// What a running program holds.
pub struct Machine {
    pub printed: String,
    /// A mistake that ended it.
    pub failure: Option<String>,
    variables: BTreeMap<String, Value>,
    arrays: BTreeMap<String, BTreeMap<String, Value>>,
    line: String,
    fields: Vec<String>,
    rounds: u32,
}

/// How a statement ends.
enum Flow {
    Next,
    Break,
    Continue,
    /// The next line.
    Line,
    Exit(i32),
}

type Run<T> = Result<T, Unsimulated>;

/// Bytes of a text, at most.
const LARGEST: usize = 1 << 20;

/// Rounds of loops, at most.
const MOST_ROUNDS: u32 = 200_000;

impl Machine {
    pub fn new(separator: Option<&str>, variables: Vec<(String, String)>) -> Self {
        let mut all = BTreeMap::new();
        for (name, text) in [("FS", separator.unwrap_or(" ")), ("OFS", " "), ("ORS", "\n")] {
            all.insert(name.to_owned(), Value::Text(text.to_owned()));
        }
        all.extend(variables.into_iter().map(|(name, text)| (name, Value::Input(text))));
        Self {
            printed: String::new(),
            failure: None,
            variables: all,
            arrays: BTreeMap::new(),
            line: String::new(),
            fields: Vec::new(),
            rounds: 0,
        }
    }

    /// The exit code.
    pub fn run(&mut self, rules: &[Rule], lines: Vec<String>) -> Run<i32> {
        let mut exit = self.phase(rules, |when| matches!(when, When::Begin))?;
        let mut ranges = vec![false; rules.len()];
        if exit.is_none() {
            for (at, line) in lines.into_iter().enumerate() {
                self.set("NR", number(at + 1));
                self.set("FNR", number(at + 1));
                self.set_line(line)?;
                match self.one(rules, &mut ranges)? {
                    Flow::Exit(code) => {
                        exit = Some(code);
                        break;
                    }
                    _ if self.failure.is_some() => return Ok(2),
                    _ => {}
                }
            }
        }
        let end = self.phase(rules, |when| matches!(when, When::End))?;
        Ok(end.or(exit).unwrap_or(0))
    }

    fn phase(&mut self, rules: &[Rule], is_it: fn(&When) -> bool) -> Run<Option<i32>> {
        for rule in rules.iter().filter(|rule| is_it(&rule.when)) {
            if let Flow::Exit(code) = self.block(rule.action.as_deref().unwrap_or_default())? {
                return Ok(Some(code));
            }
        }
        Ok(None)
    }

    fn one(&mut self, rules: &[Rule], ranges: &mut [bool]) -> Run<Flow> {
        for (rule, open) in rules.iter().zip(ranges) {
            let selected = match &rule.when {
                When::Begin | When::End => false,
                When::Always => true,
                When::Holds(expression) => self.value(expression)?.holds(),
                When::Range(from, to) => {
                    let inside = *open || self.value(from)?.holds();
                    *open = inside && !self.value(to)?.holds();
                    inside
                }
            };
            if !selected {
                continue;
            }
            match &rule.action {
                None => {
                    let line = self.line.clone();
                    self.print(&line);
                }
                Some(action) => match self.block(action)? {
                    Flow::Next | Flow::Break | Flow::Continue => {}
                    flow => return Ok(flow),
                },
            }
        }
        Ok(Flow::Next)
    }

    fn print(&mut self, text: &str) {
        let end = self.text_of("ORS");
        self.printed.push_str(text);
        self.printed.push_str(&end);
    }

    fn text_of(&self, name: &str) -> String {
        self.variables.get(name).map_or_else(String::new, Value::text)
    }

    fn set(&mut self, name: &str, value: Value) {
        self.variables.insert(name.to_owned(), value);
    }

    fn set_line(&mut self, line: String) -> Run<()> {
        self.fields = split(&line, &self.text_of("FS"))?;
        self.line = line;
        self.set("NF", number(self.fields.len()));
        Ok(())
    }

    fn block(&mut self, statements: &[Statement]) -> Run<Flow> {
        for statement in statements {
            match self.statement(statement)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
            if self.failure.is_some() {
                return Ok(Flow::Exit(2));
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, statement: &Statement) -> Run<Flow> {
        match statement {
            Statement::Print(words) => {
                let mut texts = Vec::new();
                for word in words {
                    texts.push(self.value(word)?.text());
                }
                let separator = self.text_of("OFS");
                let line = if words.is_empty() { self.line.clone() } else { texts.join(&separator) };
                self.print(&line);
            }
            Statement::Printf(words) => {
                let text = self.format(words)?;
                self.printed.push_str(&text);
            }
            Statement::Expression(expression) => drop(self.value(expression)?),
            Statement::Block(statements) => return self.block(statements),
            Statement::If(condition, then, otherwise) => {
                let holds = self.value(condition)?.holds();
                return self.block(if holds { then } else { otherwise });
            }
            Statement::While(condition, step, body) => {
                while self.value(condition)?.holds() {
                    self.rounds += 1;
                    if self.rounds > MOST_ROUNDS {
                        return Err(Unsimulated("a loop without an end in `awk`".to_owned()));
                    }
                    match self.block(body)? {
                        Flow::Next | Flow::Continue => {}
                        Flow::Break => break,
                        flow => return Ok(flow),
                    }
                    if let Some(step) = step {
                        self.statement(step)?;
                    }
                }
            }
            Statement::Next => return Ok(Flow::Line),
            Statement::Break => return Ok(Flow::Break),
            Statement::Continue => return Ok(Flow::Continue),
            Statement::Exit(None) => return Ok(Flow::Exit(0)),
            Statement::Exit(Some(code)) => return Ok(Flow::Exit(whole(self.value(code)?.number()) & 0xff)),
            Statement::Delete(name, key) => {
                let key = self.value(key)?.text();
                self.arrays.entry(name.clone()).or_default().remove(&key);
            }
        }
        Ok(Flow::Next)
    }

    fn format(&mut self, words: &[Expression]) -> Run<String> {
        let mut values = Vec::new();
        for word in words {
            values.push(self.value(word)?);
        }
        let Some((format, values)) = values.split_first() else { return Ok(String::new()) };
        let format = format.text();
        // What each directive wants, in order.
        let letters = format.replace("%%", "");
        let letters = letters.split('%').skip(1).filter_map(|part| part.chars().find(char::is_ascii_alphabetic));
        let mut texts = Vec::new();
        for (value, letter) in values.iter().zip(letters) {
            texts.push(match letter {
                'd' | 'i' | 'x' | 'X' | 'o' | 'u' => format!("{:.0}", value.number().trunc()),
                'f' => value.number().to_string(),
                _ => value.text(),
            });
        }
        Ok(formatted(&format, &texts)?.0)
    }

    fn value(&mut self, expression: &Expression) -> Run<Value> {
        Ok(match expression {
            Expression::Number(number) => Value::Number(*number),
            Expression::Text(text) => Value::Text(text.clone()),
            Expression::Regex(text) => truth(matches(text, &self.line)?),
            Expression::Field(at) => {
                let at = self.value(at)?.number();
                self.field(at)
            }
            Expression::Variable(name) => self.variables.get(name).cloned().unwrap_or(Value::Input(String::new())),
            Expression::Element(name, key) => {
                let key = self.value(key)?.text();
                self.arrays.entry(name.clone()).or_default().entry(key).or_insert(Value::Input(String::new())).clone()
            }
            Expression::Assign(target, operator, value) => {
                let mut value = self.value(value)?;
                if let Some(operator) = operator {
                    let before = self.value(target)?.number();
                    value = Value::Number(self.arithmetic(operator, before, value.number()));
                }
                self.assign(target, value.clone())?;
                value
            }
            Expression::Choice(condition, yes, no) => {
                let holds = self.value(condition)?.holds();
                self.value(if holds { yes } else { no })?
            }
            Expression::Concat(left, right) => {
                let text = self.value(left)?.text() + &self.value(right)?.text();
                if text.len() > LARGEST {
                    return Err(Unsimulated("a text of more than 1 MiB in `awk`".to_owned()));
                }
                Value::Text(text)
            }
            Expression::Unary(sign, inner) => {
                let inner = self.value(inner)?;
                match *sign {
                    "!" => truth(!inner.holds()),
                    "-" => Value::Number(-inner.number()),
                    _ => Value::Number(inner.number()),
                }
            }
            Expression::Step(target, before, by) => {
                let old = self.value(target)?.number();
                self.assign(target, Value::Number(old + by))?;
                Value::Number(if *before { old + by } else { old })
            }
            Expression::In(key, name) => {
                let key = self.value(key)?.text();
                truth(self.arrays.get(name).is_some_and(|array| array.contains_key(&key)))
            }
            Expression::Call(name, arguments) => self.call(name, arguments)?,
            Expression::Binary(operator, left, right) => self.binary(operator, left, right)?,
        })
    }

    fn field(&mut self, at: f64) -> Value {
        let at = whole(at);
        if at < 0 {
            self.failure = Some(format!("trying to access out of range field {at}"));
            return Value::Input(String::new());
        }
        let at = usize::try_from(at).unwrap_or(0);
        if at == 0 {
            return Value::Input(self.line.clone());
        }
        Value::Input(self.fields.get(at - 1).cloned().unwrap_or_default())
    }

    fn assign(&mut self, target: &Expression, value: Value) -> Run<()> {
        match target {
            Expression::Variable(name) if name == "NF" => return Err(Unsimulated("setting NF in `awk`".to_owned())),
            Expression::Variable(name) => self.set(name, value),
            Expression::Element(name, key) => {
                let key = self.value(key)?.text();
                self.arrays.entry(name.clone()).or_default().insert(key, value);
            }
            Expression::Field(at) => {
                let at = usize::try_from(whole(self.value(at)?.number())).unwrap_or(0);
                if at == 0 {
                    return self.set_line(value.text());
                }
                if at > 10_000 {
                    return Err(Unsimulated("so many fields in `awk`".to_owned()));
                }
                while self.fields.len() < at {
                    self.fields.push(String::new());
                }
                self.fields[at - 1] = value.text();
                self.line = self.fields.join(&self.text_of("OFS"));
                self.set("NF", number(self.fields.len()));
            }
            _ => return Err(Unsimulated("this assignment in `awk`".to_owned())),
        }
        Ok(())
    }

    fn binary(&mut self, operator: &'static str, left: &Expression, right: &Expression) -> Run<Value> {
        match operator {
            "&&" => return Ok(truth(self.value(left)?.holds() && self.value(right)?.holds())),
            "||" => return Ok(truth(self.value(left)?.holds() || self.value(right)?.holds())),
            "~" | "!~" => {
                let text = self.value(left)?.text();
                let pattern = match right {
                    Expression::Regex(pattern) => pattern.clone(),
                    right => self.value(right)?.text(),
                };
                return Ok(truth(matches(&pattern, &text)? == (operator == "~")));
            }
            _ => {}
        }
        let (left, right) = (self.value(left)?, self.value(right)?);
        if let "<" | "<=" | "==" | "!=" | ">" | ">=" = operator {
            let order = match (left.as_number(), right.as_number()) {
                (Some(left), Some(right)) => left.partial_cmp(&right).unwrap_or(std::cmp::Ordering::Less),
                _ => left.text().cmp(&right.text()),
            };
            return Ok(truth(match operator {
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                "==" => order.is_eq(),
                "!=" => order.is_ne(),
                ">" => order.is_gt(),
                _ => order.is_ge(),
            }));
        }
        Ok(Value::Number(self.arithmetic(operator, left.number(), right.number())))
    }

    fn arithmetic(&mut self, operator: &str, left: f64, right: f64) -> f64 {
        match operator {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "^" => left.powf(right),
            _ if right == 0.0 => {
                self.failure =
                    Some(if operator == "/" { "division by zero" } else { "division by zero in %" }.to_owned());
                0.0
            }
            "/" => left / right,
            _ => left % right,
        }
    }

    fn call(&mut self, name: &str, arguments: &[Expression]) -> Run<Value> {
        if let "sub" | "gsub" = name {
            return self.replace(arguments, name == "gsub");
        }
        if name == "split" {
            return Err(Unsimulated("`split` in `awk`".to_owned()));
        }
        if name == "sprintf" {
            return Ok(Value::Text(self.format(arguments)?));
        }
        if let (true, Some(Expression::Variable(array))) = (name == "length", arguments.first())
            && let Some(array) = self.arrays.get(array)
        {
            return Ok(number(array.len()));
        }
        let mut values = Vec::new();
        for argument in arguments {
            values.push(self.value(argument)?);
        }
        let first = values.first().map_or_else(|| self.line.clone(), Value::text);
        Ok(match (name, values.as_slice()) {
            ("length", _) => number(first.chars().count()),
            ("int", [value, ..]) => Value::Number(value.number().trunc()),
            ("tolower", [_, ..]) => Value::Text(first.to_lowercase()),
            ("toupper", [_, ..]) => Value::Text(first.to_uppercase()),
            ("index", [_, part, ..]) => {
                number(first.find(&part.text()).map_or(0, |at| first[..at].chars().count() + 1))
            }
            ("substr", [_, from, rest @ ..]) => {
                let from = from.number().round();
                let end = rest.first().map_or(f64::INFINITY, |length| from + length.number().round());
                let kept = first.chars().zip(1_u32..).filter(|(_, at)| f64::from(*at) >= from && f64::from(*at) < end);
                Value::Text(kept.map(|(c, _)| c).collect())
            }
            _ => {
                self.failure = Some(format!("not enough arguments in {name}"));
                Value::Number(0.0)
            }
        })
    }

    fn replace(&mut self, arguments: &[Expression], all: bool) -> Run<Value> {
        let [pattern, with, rest @ ..] = arguments else { return Err(Unsimulated("this `sub` in `awk`".to_owned())) };
        let pattern = match pattern {
            Expression::Regex(pattern) => pattern.clone(),
            pattern => self.value(pattern)?.text(),
        };
        let with = self.value(with)?.text();
        if with.contains(['&', '\\']) {
            return Err(Unsimulated("`&` in a replacement of `awk`".to_owned()));
        }
        let whole_line = Expression::Field(Box::new(Expression::Number(0.0)));
        let target = rest.first().unwrap_or(&whole_line);
        let text = self.value(target)?.text();
        let Some(expression) = super::super::regular_expression(&pattern, true, false)? else {
            self.failure = Some(format!("regular expression compile failed: {pattern}"));
            return Ok(Value::Number(0.0));
        };
        let count = expression.find_iter(&text).take(if all { usize::MAX } else { 1 }).count();
        if count > 0 {
            let replaced = expression.replacen(&text, usize::from(!all), regex::NoExpand(&with)).into_owned();
            self.assign(target, Value::Text(replaced))?;
        }
        Ok(number(count))
    }
}

fn truth(holds: bool) -> Value {
    Value::Number(f64::from(u8::from(holds)))
}

fn number(count: usize) -> Value {
    Value::Number(u32::try_from(count).map_or(f64::MAX, f64::from))
}

/// The whole part, as far as it can be told.
fn whole(number: f64) -> i32 {
    format!("{:.0}", number.trunc()).parse().unwrap_or(0)
}

fn matches(pattern: &str, text: &str) -> Run<bool> {
    Ok(super::super::regular_expression(pattern, true, false)?.is_some_and(|expression| expression.is_match(text)))
}

/// The fields of a line.
fn split(line: &str, separator: &str) -> Run<Vec<String>> {
    if line.is_empty() {
        return Ok(Vec::new());
    }
    Ok(match separator {
        " " => line.split_ascii_whitespace().map(str::to_owned).collect(),
        "\t" | "," | ":" | ";" | "=" | "/" => line.split(separator).map(str::to_owned).collect(),
        single if single.chars().count() == 1 && !"|.*+?()[{^$\\".contains(single) => {
            line.split(single).map(str::to_owned).collect()
        }
        "|" => line.split('|').map(str::to_owned).collect(),
        pattern => match super::super::regular_expression(pattern, true, false)? {
            Some(expression) => expression.split(line).map(str::to_owned).collect(),
            None => vec![line.to_owned()],
        },
    })
}
