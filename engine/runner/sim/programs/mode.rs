//! Permissions as `chmod` reads them: `755`, `u+rwX,go-w`.

/// A change of permissions.
#[derive(Clone, Debug)]
pub enum Mode {
    Bits(u32),
    Clauses(Vec<Clause>),
}

/// `u+rw`
#[derive(Clone, Debug)]
pub struct Clause {
    /// Bits of those it is for.
    who: u32,
    /// Nobody was named: the umask holds.
    all: bool,
    sign: char,
    letters: String,
}

impl Mode {
    /// Reads it; none: it is not valid.
    pub fn new(text: &str) -> Option<Self> {
        if text.chars().all(|c| c.is_digit(8)) && !text.is_empty() {
            return u32::from_str_radix(text, 8).ok().filter(|bits| *bits <= 0o7777).map(Self::Bits);
        }
        text.split(',').map(clauses).collect::<Option<Vec<_>>>().map(|found| Self::Clauses(found.concat()))
    }

    /// The mode of a file after the change.
    pub fn apply(&self, mode: u32, is_directory: bool, umask: u32) -> u32 {
        let clauses = match self {
            // A directory keeps its special bits unless they are written.
            Self::Bits(bits) if is_directory && *bits <= 0o777 => return bits | (mode & 0o6000),
            Self::Bits(bits) => return *bits,
            Self::Clauses(clauses) => clauses,
        };
        clauses.iter().fold(mode, |mode, clause| clause.apply(mode, is_directory, umask))
    }
}

fn clauses(text: &str) -> Option<Vec<Clause>> {
    let people = text.find(|c| !"ugoa".contains(c))?;
    let who = text[..people].chars().fold(0, |bits, c| {
        bits | match c {
            'u' => 0o4700,
            'g' => 0o2070,
            'o' => 0o1007,
            _ => 0o7777,
        }
    });
    let (all, who) = (people == 0, if people == 0 { 0o7777 } else { who });
    let (mut found, mut rest) = (Vec::new(), &text[people..]);
    while let Some(sign) = rest.chars().next() {
        if !"+-=".contains(sign) {
            return None;
        }
        rest = &rest[1..];
        let length = rest.find(['+', '-', '=']).unwrap_or(rest.len());
        let letters = rest[..length].to_owned();
        if letters.chars().any(|c| !"rwxXstugo".contains(c)) {
            return None;
        }
        found.push(Clause { who, all, sign, letters });
        rest = &rest[length..];
    }
    Some(found)
}

impl Clause {
    fn apply(&self, mode: u32, is_directory: bool, umask: u32) -> u32 {
        let mut bits = 0;
        for letter in self.letters.chars() {
            bits |= match letter {
                'r' => 0o444,
                'w' => 0o222,
                'x' => 0o111,
                'X' if is_directory || mode & 0o111 != 0 => 0o111,
                's' => 0o6000,
                't' => 0o1000,
                'u' => spread(mode >> 6),
                'g' => spread(mode >> 3),
                'o' => spread(mode),
                _ => 0,
            };
        }
        let who = if self.all { self.who & !umask } else { self.who };
        match self.sign {
            '+' => mode | (bits & who),
            '-' => mode & !(bits & who),
            _ => {
                let kept = if is_directory { mode & 0o6000 } else { 0 };
                (mode & !self.who & 0o7777) | (bits & who) | kept
            }
        }
    }
}

/// Three bits for everybody.
fn spread(bits: u32) -> u32 {
    let bits = bits & 7;
    bits << 6 | bits << 3 | bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_changed_as_chmod_changes_them() {
        for (text, before, directory, expected) in [
            ("600", 0o644, false, 0o600),
            ("u+x", 0o644, false, 0o744),
            ("+x", 0o644, false, 0o755),
            ("go-rwx", 0o755, false, 0o700),
            ("a=r", 0o755, false, 0o444),
            ("u=rwX,g=rX,o=", 0o640, false, 0o640),
            ("u=rwX,g=rX,o=", 0o700, true, 0o750),
            ("g=u", 0o640, false, 0o660),
            ("u+s", 0o755, false, 0o4755),
        ] {
            assert_eq!(Mode::new(text).unwrap().apply(before, directory, 0o022), expected, "{text}");
        }
        assert!(Mode::new("u+q").is_none());
        assert!(Mode::new("888").is_none());
    }
}
