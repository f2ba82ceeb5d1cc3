//! Integer arithmetic of the shell, on text whose expansions have been made.

/// Variables that an expression reads and sets.
pub trait Variables {
    /// The value; none: not set.
    fn value(&mut self, name: &str) -> Option<String>;
    fn assign(&mut self, name: &str, value: i64);
}

/// Reads and evaluates an expression; empty is 0.
///
/// # Errors
/// What the shell says behind the expression.
pub fn evaluate(text: &str, variables: &mut dyn Variables) -> Result<i64, String> {
    Evaluation { rest: text, variables, depth: 0, muted: 0 }.whole()
}

struct Evaluation<'e> {
    rest: &'e str,
    variables: &'e mut dyn Variables,
    depth: u8,
    /// Above 0 nothing is assigned: the branch is not taken.
    muted: u32,
}

const DEEPEST: u8 = 60;

/// Binary operators by how strongly they bind, the weakest first.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

const ASSIGNMENTS: [&str; 11] = ["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="];

impl Evaluation<'_> {
    fn whole(mut self) -> Result<i64, String> {
        self.skip();
        if self.rest.is_empty() {
            return Ok(0);
        }
        let value = self.comma()?;
        self.skip();
        if self.rest.is_empty() { Ok(value) } else { self.error("syntax error in expression") }
    }

    fn error<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("{what} (error token is \"{}\")", self.rest))
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes an operator unless it is the beginning of a longer one.
    fn operator(&mut self, operator: &'static str) -> bool {
        self.skip();
        let Some(behind) = self.rest.strip_prefix(operator) else { return false };
        let next = behind.chars().next().unwrap_or(' ');
        let longer = match operator {
            "|" | "&" => next.to_string() == operator || next == '=',
            "<" | ">" => next == '=' || next.to_string() == operator,
            "=" | "!" | "+" | "-" | "%" | "^" | "/" | "<<" | ">>" => next == '=',
            "*" => next == '=' || next == '*',
            _ => false,
        };
        if !longer {
            self.rest = behind;
        }
        !longer
    }

    fn comma(&mut self) -> Result<i64, String> {
        loop {
            let value = self.assignment()?;
            if !self.operator(",") {
                return Ok(value);
            }
        }
    }

    fn assignment(&mut self) -> Result<i64, String> {
        self.skip();
        let length = super::parse::name_length(self.rest);
        if length > 0 {
            let (name, behind) = self.rest.split_at(length);
            let behind = behind.trim_start();
            let found = ASSIGNMENTS.iter().find(|operator| behind.starts_with(**operator));
            if let Some(operator) = found.filter(|operator| **operator != "=" || !behind.starts_with("==")) {
                self.rest = &behind[operator.len()..];
                let right = self.nested(Self::assignment)?;
                let value = match operator.trim_end_matches('=') {
                    "" => right,
                    operator => {
                        let left = self.variable(name)?;
                        self.apply(operator, left, right)?
                    }
                };
                self.set(name, value);
                return Ok(value);
            }
        }
        self.choice()
    }

    fn set(&mut self, name: &str, value: i64) {
        if self.muted == 0 {
            self.variables.assign(name, value);
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<i64, String>) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.error("expression recursion level exceeded");
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// `a ? b : c`
    fn choice(&mut self) -> Result<i64, String> {
        let condition = self.binary(0)?;
        if !self.operator("?") {
            return Ok(condition);
        }
        let left = self.quietly(condition == 0)?;
        if !self.operator(":") {
            return self.error("`:' expected for conditional expression");
        }
        let right = self.quietly(condition != 0)?;
        Ok(if condition == 0 { right } else { left })
    }

    fn quietly(&mut self, muted: bool) -> Result<i64, String> {
        self.muted += u32::from(muted);
        let value = self.nested(Self::assignment);
        self.muted -= u32::from(muted);
        value
    }

    fn binary(&mut self, level: usize) -> Result<i64, String> {
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut left = self.binary(level + 1)?;
        'more: loop {
            for operator in *operators {
                if self.operator(operator) {
                    let muted = (*operator == "&&" && left == 0) || (*operator == "||" && left != 0);
                    self.muted += u32::from(muted);
                    let right = self.binary(level + 1);
                    self.muted -= u32::from(muted);
                    left = self.apply(operator, left, right?)?;
                    continue 'more;
                }
            }
            return Ok(left);
        }
    }

    fn power(&mut self) -> Result<i64, String> {
        let base = self.unary()?;
        if !self.operator("**") {
            return Ok(base);
        }
        let exponent = self.nested(Self::power)?;
        match u32::try_from(exponent) {
            Ok(exponent) => Ok(base.wrapping_pow(exponent)),
            Err(_) if exponent < 0 => self.error("exponent less than 0"),
            Err(_) => Ok(0),
        }
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.skip();
        for (sign, by) in [("++", 1), ("--", -1)] {
            let name = self.rest.strip_prefix(sign).map(str::trim_start);
            if let Some(name) = name.filter(|name| super::parse::name_length(name) > 0) {
                let (name, behind) = name.split_at(super::parse::name_length(name));
                self.rest = behind;
                let value = self.variable(name)?.wrapping_add(by);
                self.set(name, value);
                return Ok(value);
            }
        }
        if self.operator("!") {
            return Ok(i64::from(self.nested(Self::unary)? == 0));
        }
        if self.operator("~") {
            return Ok(!self.nested(Self::unary)?);
        }
        if self.operator("-") {
            return Ok(self.nested(Self::unary)?.wrapping_neg());
        }
        if self.operator("+") {
            return self.nested(Self::unary);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<i64, String> {
        self.skip();
        if let Some(behind) = self.rest.strip_prefix('(') {
            self.rest = behind;
            let value = self.nested(Self::comma)?;
            return if self.operator(")") { Ok(value) } else { self.error("missing `)'") };
        }
        let length = super::parse::name_length(self.rest);
        if length > 0 {
            let (name, behind) = self.rest.split_at(length);
            self.rest = behind;
            let value = self.variable(name)?;
            for (sign, by) in [("++", 1), ("--", -1)] {
                if let Some(behind) = self.rest.strip_prefix(sign) {
                    self.rest = behind;
                    self.set(name, value.wrapping_add(by));
                }
            }
            return Ok(value);
        }
        let length = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '#').unwrap_or(self.rest.len());
        if length == 0 {
            return self.error("syntax error: operand expected");
        }
        let (digits, behind) = self.rest.split_at(length);
        let value = number(digits).map_err(|what| format!("{what} (error token is \"{}\")", self.rest))?;
        self.rest = behind;
        Ok(value)
    }

    /// A variable's value, which is an expression itself.
    fn variable(&mut self, name: &str) -> Result<i64, String> {
        let Some(text) = self.variables.value(name) else { return Ok(0) };
        if let Ok(value) = text.parse::<i64>()
            && !text.starts_with('0')
            && !text.starts_with('+')
        {
            return Ok(value);
        }
        if self.depth >= DEEPEST {
            return Err(format!("{name}: expression recursion level exceeded (error token is \"{name}\")"));
        }
        Evaluation { rest: &text, variables: self.variables, depth: self.depth + 8, muted: self.muted }.whole()
    }

    fn apply(&self, operator: &str, left: i64, right: i64) -> Result<i64, String> {
        let shift = u32::try_from(right.rem_euclid(64)).unwrap_or(0);
        Ok(match operator {
            "||" => i64::from(left != 0 || right != 0),
            "&&" => i64::from(left != 0 && right != 0),
            "|" => left | right,
            "^" => left ^ right,
            "&" => left & right,
            "==" => i64::from(left == right),
            "!=" => i64::from(left != right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "<" => i64::from(left < right),
            ">" => i64::from(left > right),
            "<<" => left.wrapping_shl(shift),
            ">>" => left.wrapping_shr(shift),
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            _ if right == 0 && self.muted == 0 => return Err("division by 0".to_owned()),
            _ if right == 0 => 0,
            "/" => left.wrapping_div(right),
            _ => left.wrapping_rem(right),
        })
    }
}

fn number(text: &str) -> Result<i64, String> {
    let (radix, digits) = if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        (16, hex)
    } else if let Some((radix, digits)) = text.split_once('#') {
        (radix.parse().ok().filter(|radix| (2..=36).contains(radix)).ok_or("invalid arithmetic base")?, digits)
    } else if text.len() > 1 && text.starts_with('0') {
        (8, &text[1..])
    } else {
        (10, text)
    };
    let wraps =
        |sum: i64, c: char| Some(sum.wrapping_mul(i64::from(radix)).wrapping_add(i64::from(c.to_digit(radix)?)));
    digits.chars().try_fold(0_i64, wraps).ok_or_else(|| "value too great for base".to_owned())
}
