//! The client while it carries out one command: where things are, what it asks people, how it shows what it got.

use std::rc::Rc;

use serde_json::Value;

use super::super::process::Process;
use super::super::world::{At, CloudError, Operation};
use super::Stop;
use super::arguments::Arguments;
use super::expression::Bad;
use super::expression::evaluate::Sieve;
use super::expression::filter::Filter;
use super::expression::key::{Key, shown};
use super::expression::lexer::{Lexer, UNKNOWN};
use super::expression::server::rewrite_once;
use super::format::Format;
use super::surface::Surface;
use super::usage;

/// The beginning of the links that Compute's own client library gives.
pub const COMPUTE: &str = "https://compute.googleapis.com/compute/v1/";

/// The client at work.
pub struct Client<'c, 'w> {
    pub process: &'c mut Process<'w>,
    pub args: Arguments,
    pub format: Rc<Format>,
}

/// A list whose filter is read twice, although the server gets it for some zones only.
const TWICE: &str = "compute instances list";

/// Flags by which a place can be given, as messages name them.
pub const ZONE: &str = "the [--zone] flag";
pub const ZONE_OR_REGION: &str = "one of the [--region, --zone] flags";

impl Client<'_, '_> {
    /// A resource of a zone by its name or its link.
    ///
    /// # Errors
    /// No zone is given.
    pub fn zonal(&self, name: &str, flag: &str, missing: &str) -> Result<At, Stop> {
        if let Some(at) = linked(name, "zones") {
            return Ok(at);
        }
        let project = self.project()?;
        let zone = self.args.value(flag).map(|zone| last(zone).to_owned()).or_else(|| self.property("compute/zone"));
        match zone {
            Some(zone) => Ok(At::zone(&project, &zone, name)),
            None => Err(underspecified(name, missing)),
        }
    }

    /// The first operand, in a zone.
    ///
    /// # Errors
    /// No zone is given.
    pub fn instance(&self) -> Result<At, Stop> {
        self.zonal(self.args.first(), "--zone", ZONE)
    }

    /// The same as a disk.
    ///
    /// # Errors
    /// No zone is given.
    pub fn disk(&self) -> Result<At, Stop> {
        self.zonal(self.args.first(), "--zone", ZONE_OR_REGION)
    }

    /// Every operand, in a zone.
    ///
    /// # Errors
    /// No zone is given.
    pub fn all_zonal(&self, missing: &str) -> Result<Vec<At>, Stop> {
        self.args.operands.iter().map(|name| self.zonal(name, "--zone", missing)).collect()
    }

    /// A resource of a region.
    ///
    /// # Errors
    /// No region is given.
    pub fn regional(&self, name: &str, missing: &str) -> Result<At, Stop> {
        if let Some(at) = linked(name, "regions") {
            return Ok(at);
        }
        let project = self.project()?;
        let region = self.args.value("--region").map(|region| last(region).to_owned());
        match region.or_else(|| self.property("compute/region")) {
            Some(region) => Ok(At::region(&project, &region, name)),
            None => Err(underspecified(name, missing)),
        }
    }

    /// The values of a flag that takes several.
    pub fn several_of(&self, flag: &str) -> Vec<String> {
        let values = self.args.values(flag).flat_map(|value| value.split(','));
        values.filter(|value| !value.is_empty()).map(|value| last(value).to_owned()).collect()
    }

    /// `KEY=VALUE,…` of a flag.
    ///
    /// # Errors
    /// It has another form.
    pub fn pairs_of(&self, flag: &str) -> Result<std::collections::BTreeMap<String, String>, Stop> {
        let pairs = self.args.values(flag).flat_map(|value| value.split(',')).filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| match pair.split_once('=') {
            Some((key, value)) if !pair.starts_with('^') => Ok((key.to_owned(), value.to_owned())),
            _ => Err(Stop::unsimulated(format!("`{flag}={pair}`"))),
        });
        pairs.collect()
    }

    /// A whole number of a flag.
    ///
    /// # Errors
    /// It is none.
    pub fn number_of(&self, flag: &str) -> Result<Option<u64>, Stop> {
        let Some(text) = self.args.value(flag) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| self.wrong(flag, &format!("invalid int value: '{text}'")))
    }

    /// A size in GB: `200GB`, `10`, `2TB`.
    ///
    /// # Errors
    /// It is none.
    pub fn gigabytes(&self, flag: &str, text: &str) -> Result<u64, Stop> {
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match text[number.len()..].to_ascii_uppercase().as_str() {
            "" | "G" | "GB" | "GIB" => Some(1),
            "T" | "TB" | "TIB" => Some(1024),
            "P" | "PB" | "PIB" => Some(1024 * 1024),
            _ => None,
        };
        let size = number.parse::<u64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
        match size {
            Some(0) => Err(self.wrong(flag, &format!("value must be greater than or equal to 1GB; received: {text}"))),
            Some(size) => Ok(size),
            None => Err(self.wrong(
                flag,
                &format!(
                    "given value must be of the form DECIMAL[UNITS] where units can be one of GB, GiB, TB, TiB, PB, PiB and value must be \
                     a whole number of Bytes; received: {text}"
                ),
            )),
        }
    }

    /// A value that a flag does not take.
    pub fn wrong(&self, flag: &str, why: &str) -> Stop {
        usage::wrong(&self.args.path, Surface::get().command(&self.args.path), flag, why).into()
    }

    /// None of several flags is given, and one has to be.
    pub fn missing(&self, flags: &str) -> Stop {
        usage::one_of(&self.args.path, Surface::get().command(&self.args.path), flags).into()
    }

    /// One of several flags is given, and only one.
    ///
    /// # Errors
    /// None is, or several are.
    pub fn one_of(&self, flags: &[&str]) -> Result<(), Stop> {
        let given: Vec<&&str> = flags.iter().filter(|flag| self.args.value(flag).is_some()).collect();
        let all = flags.join(" | ");
        match given.as_slice() {
            [_] => Ok(()),
            [] => Err(self.missing(&all)),
            [first, ..] => Err(self.wrong(first, &format!("Exactly one of ({all}) must be specified."))),
        }
    }

    /// Prints a line to standard error.
    pub fn tell(&mut self, line: impl AsRef<str>) {
        self.process.complain(line);
    }

    /// Warns.
    pub fn warn(&mut self, text: &str) {
        if !matches!(self.args.value("--verbosity"), Some("error" | "critical" | "none")) {
            self.process.complain(format!("WARNING: {text}"));
        }
    }

    /// Asks whether to go on; with nobody there, yes.
    ///
    /// # Errors
    /// Standard input says no.
    pub fn prompt(&mut self, text: &str) -> Result<(), Stop> {
        if self.args.has("--quiet") {
            return Ok(());
        }
        self.tell(format!("{text}\n"));
        self.confirm()
    }

    /// The question alone.
    ///
    /// # Errors
    /// Standard input says no.
    pub fn confirm(&mut self) -> Result<(), Stop> {
        if self.args.has("--quiet") {
            return Ok(());
        }
        self.tell("Do you want to continue (Y/n)?  ");
        let said = self.process.stdin.to_text();
        match said.lines().next().unwrap_or_default().trim().to_lowercase().as_str() {
            "" | "y" | "yes" => Ok(()),
            "n" | "no" => Err(Stop::Failed("Aborted by user.".to_owned())),
            other => Err(Stop::unsimulated(format!("`{other}` as an answer to gcloud"))),
        }
    }

    /// Time passes until an operation is done.
    ///
    /// # Errors
    /// It fails.
    pub fn wait(&mut self, operation: &Operation) -> Result<(), CloudError> {
        let left = operation.ends - self.process.world.now();
        self.process.world.pass(left.to_std().unwrap_or_default());
        operation.error.clone().map_or(Ok(()), Err)
    }

    /// Shows one resource.
    pub fn show(&mut self, resource: &Value) {
        let text = self.format.one(resource);
        self.process.stdout.push(&text);
    }

    /// Shows several.
    pub fn show_all(&mut self, resources: &[Value]) {
        let text = self.format.list(resources);
        self.process.stdout.push(&text);
    }

    /// A list: filtered, sorted, cut and shown. With the fields of the resource the filter goes to the server, as far as it can.
    ///
    /// # Errors
    /// An expression is none, or the server does not take it.
    pub fn list(&mut self, mut resources: Vec<Value>, fields: Option<&[&str]>) -> Result<(), Stop> {
        let limit = self.limit()?;
        let aliases = self.format.aliases();
        if let Some(text) = self.args.value("--filter")
            && let Some(filter) = &*self.filter(text, &aliases, fields.is_some() || self.args.path == TWICE)?
        {
            let mut again = true;
            if let Some(fields) = fields {
                let rewritten = rewrite_once(text, filter)?;
                if let Err(said) = rewritten.request.check(fields) {
                    return Err(Stop::Failed(format!("Some requests did not succeed:\n - {said}\n")));
                }
                resources.retain(|resource| rewritten.request.passes(resource));
                again = rewritten.partial;
            }
            if again {
                let mut sieve = Sieve::new(filter, self.process.world.now());
                let mut passed = Vec::with_capacity(resources.len());
                for resource in resources {
                    if sieve.passes(&resource)? {
                        passed.push(resource);
                    }
                }
                resources = passed;
                for warning in sieve.warnings() {
                    self.warn(&warning);
                }
            }
        }
        self.sort(&mut resources, &aliases)?;
        resources.truncate(limit.unwrap_or(usize::MAX));
        if self.args.has("--uri") {
            for resource in &resources {
                self.process.say(shown(&resource["selfLink"]));
            }
            return Ok(());
        }
        if resources.is_empty() && self.args.value("--format").is_none() {
            self.tell("Listed 0 items.");
            return Ok(());
        }
        self.show_all(&resources);
        Ok(())
    }

    /// A filter. Where the server may get it too, the client reads it a second time, in parentheses, before it finds some errors.
    fn filter(&self, text: &str, aliases: &[(String, Key)], twice: bool) -> Result<Rc<Option<Filter>>, Stop> {
        let parse = |text: &str| Filter::parse(&self.args.path, text, aliases);
        match parse(text) {
            Err(Bad::Said(said)) if twice && (said.starts_with(UNKNOWN) || said.starts_with("Term expected")) => {
                Ok(parse(&format!("({text})"))?)
            }
            parsed => Ok(parsed?),
        }
    }

    fn limit(&self) -> Result<Option<usize>, Stop> {
        for flag in ["--limit", "--page-size"] {
            let Some(text) = self.args.value(flag) else { continue };
            match text.parse::<i64>() {
                Err(_) => return Err(self.wrong(flag, &format!("Value must be an integer; received: {text}"))),
                Ok(number) if number < 1 => {
                    return Err(
                        self.wrong(flag, &format!("Value must be greater than or equal to 1; received: {text}"))
                    );
                }
                Ok(_) => {}
            }
        }
        Ok(self.args.value("--limit").and_then(|text| text.parse().ok()))
    }

    fn sort(&self, resources: &mut [Value], aliases: &[(String, Key)]) -> Result<(), Stop> {
        let names: Vec<&str> = self.args.values("--sort-by").flat_map(|value| value.split(',')).collect();
        // The last key is the least important one; each sort keeps the order of the one before.
        for name in names.iter().rev() {
            let (name, reverse) = name.strip_prefix('~').map_or((*name, false), |name| (name, true));
            let text = name.replace("[]", "[0]");
            let key = match aliases.iter().find(|(alias, _)| *alias == text) {
                Some((_, key)) => key.clone(),
                None => Lexer::new(&text).key()?.0,
            };
            resources.sort_by(|a, b| {
                let order = shown(&key.get(a)).cmp(&shown(&key.get(b)));
                if reverse { order.reverse() } else { order }
            });
        }
        Ok(())
    }
}

/// A link (or a path) of a resource in a zone or a region.
fn linked(name: &str, scope: &str) -> Option<At> {
    let path = &name[name.find("projects/")?..];
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["projects", project, kind, place, _, name] if *kind == scope => {
            Some(if scope == "zones" { At::zone(project, place, name) } else { At::region(project, place, name) })
        }
        _ => None,
    }
}

fn underspecified(name: &str, missing: &str) -> Stop {
    Stop::Failed(format!("Underspecified resource [{name}]. Specify {missing}."))
}

/// The last part of a link, or the name itself.
pub fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
