//! `du` and `df`.

use super::super::place::Root;
use super::super::process::{Process, Unsimulated};
use super::super::tree::Node;
use super::flags::{Spec, Told};
use super::list::size;
use super::{Done, Halt};

/// KiB that a file takes, in blocks of 4 KiB.
pub fn blocks(node: &Node) -> u64 {
    if node.is_directory() || node.is_file() { node.size().div_ceil(4096) * 4 } else { 0 }
}

fn all_blocks(node: &Node) -> u64 {
    node.entries().fold(blocks(node), |sum, (_, below)| sum.saturating_add(all_blocks(below)))
}

const DU: Spec = Spec {
    program: "du",
    options: &[
        "s,summarize",
        "h,human-readable",
        "k",
        "m",
        "b,bytes",
        "c,total",
        "x,one-file-system",
        "d,max-depth=",
        "a,all",
        "B,block-size=",
        "apparent-size",
        "!S",
        "!L",
        "!exclude=",
        "!time=?",
        "!0",
        "!si",
        "!l",
        "!t=",
    ],
    usage: 1,
    stops: false,
};

/// `du`
pub fn du(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = DU.read(process, arguments)?;
    let here = [".".to_owned()];
    let operands = if told.operands.is_empty() { &here } else { told.operands.as_slice() };
    let deepest = match (told.has("s"), told.value("d")) {
        (true, _) => 0,
        (false, Some(depth)) => depth.parse().unwrap_or(usize::MAX),
        (false, None) => usize::MAX,
    };
    let unit = unit(&told)?;
    let (mut status, mut total) = (0, 0);
    for operand in operands {
        match process.tree(operand, false) {
            Ok(tree) => {
                process.transfer(tree.walk().len() as u64 * 20, 1);
                total += visit(process, &told, (operand, &tree), (0, deepest), unit);
            }
            Err(error) => {
                process.complain(format!("du: cannot access '{operand}': {error}"));
                status = 1;
            }
        }
    }
    if told.has("c") {
        let line = row(&told, total, unit, "total");
        process.say(line);
    }
    Ok(status)
}

/// Bytes in one unit.
fn unit(told: &Told) -> Result<u64, Halt> {
    match (told.last(&["k", "m", "b", "B"]), told.value("B")) {
        (Some("b"), _) | (Some("B"), Some("1")) => Ok(1),
        (Some("m"), _) | (Some("B"), Some("M" | "1M")) => Ok(1 << 20),
        (Some("B"), Some("G" | "1G")) => Ok(1 << 30),
        (Some("B"), Some("K" | "1K" | "1k")) | (Some("k") | None, _) => Ok(1 << 10),
        (_, other) => Err(Unsimulated(format!("a block size of `{}`", other.unwrap_or_default())).into()),
    }
}

fn bytes(told: &Told, node: &Node) -> u64 {
    if told.has("b") || told.has("apparent-size") { node.total() } else { all_blocks(node) * 1024 }
}

fn row(told: &Told, bytes: u64, unit: u64, path: &str) -> String {
    let amount = if told.has("h") { size(bytes, true) } else { bytes.div_ceil(unit).to_string() };
    format!("{amount}\t{path}")
}

fn visit(
    process: &mut Process<'_>,
    told: &Told,
    (path, node): (&str, &Node),
    (level, deepest): (usize, usize),
    unit: u64,
) -> u64 {
    if level < deepest {
        for (name, below) in node.entries() {
            if below.is_directory() || told.has("a") {
                let path = format!("{}/{name}", path.trim_end_matches('/'));
                visit(process, told, (&path, below), (level + 1, deepest), unit);
            }
        }
    }
    let bytes = bytes(told, node);
    let line = row(told, bytes, unit, path);
    process.say(line);
    bytes
}

const DF: Spec = Spec {
    program: "df",
    options: &[
        "h,human-readable",
        "k",
        "m",
        "P,portability",
        "output=?",
        "B,block-size=",
        "x,exclude-type=",
        "a,all",
        "l,local",
        "!T,print-type",
        "!i,inodes",
        "!t,type=",
        "!H,si",
        "!total",
        "!sync",
    ],
    usage: 1,
    stops: false,
};

/// A file system: its source, where it is mounted, its size and what is used, in bytes.
struct FileSystem {
    source: String,
    target: String,
    size: u64,
    used: u64,
}

/// Bytes of a machine's own disk.
const BOOT_DISK: u64 = 50 << 30;

/// `df`
pub fn df(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = DF.read(process, arguments)?;
    let unit = if told.has("k") || told.has("B") || told.has("m") { unit(&told)? } else { 1 << 10 };
    let mut status = 0;
    let mut systems = Vec::new();
    if told.operands.is_empty() {
        systems.push(system(process, "/"));
        let mounts = process.world.machine(&process.place.machine).map(|machine| machine.mounts.clone());
        if process.place.container.is_none() {
            systems.extend(mounts.iter().flat_map(super::super::tree::Map::keys).map(|dir| system(process, dir)));
        }
    }
    for operand in &told.operands {
        match process.node(operand) {
            Ok(_) => {
                let found = system(process, operand);
                systems.push(found);
            }
            Err(error) => {
                let message = format!("df: {operand}: {error}");
                process.complain(message);
                status = 1;
            }
        }
    }
    if systems.is_empty() {
        return Ok(1);
    }
    let human = told.has("h");
    let columns: Vec<&str> = match told.value("output") {
        Some(output) => output.split(',').collect(),
        None => vec!["source", "size", "used", "avail", "pcent", "target"],
    };
    let mut titles =
        columns.iter().map(|column| title(column, human, unit, told.has("output"))).collect::<Result<Vec<_>, _>>()?;
    if told.has("P") {
        titles = titles.iter().map(|title| title.replace("1K-", "1024-").replace("Use%", "Capacity")).collect();
    }
    let mut table = vec![titles];
    for system in &systems {
        table.push(columns.iter().map(|column| system.cell(column, human, unit)).collect());
    }
    print(process, &columns, &table);
    Ok(status)
}

fn system(process: &Process<'_>, path: &str) -> FileSystem {
    let used = process.world.machine(&process.place.machine).map_or(0, |machine| machine.used);
    let spot = process.spot(path);
    let (source, target, size) = match spot.map(|spot| spot.root) {
        Ok(Root::Disk(key)) => {
            let machine = process.world.machine(&process.place.machine);
            let dir = machine
                .and_then(|machine| machine.mounts.iter().find(|(_, disk)| **disk == key))
                .map(|(dir, _)| dir.clone());
            let size = process.world.disk(&key).map_or(BOOT_DISK, |disk| disk.size_gb << 30);
            ("/dev/sdb".to_owned(), dir.unwrap_or_else(|| "/".to_owned()), size)
        }
        _ if process.place.container.is_some() => ("overlay".to_owned(), "/".to_owned(), BOOT_DISK),
        _ => ("/dev/sda1".to_owned(), "/".to_owned(), BOOT_DISK),
    };
    FileSystem { source, target, size, used: size / 100 * u64::from(used) }
}

fn title(column: &str, human: bool, unit: u64, listed: bool) -> Result<String, Halt> {
    Ok(match column {
        "source" => "Filesystem",
        "target" => "Mounted on",
        "size" if human => "Size",
        "size" => match unit {
            1024 => "1K-blocks",
            1 => "1B-blocks",
            1_048_576 => "1M-blocks",
            _ => "1G-blocks",
        },
        "used" => "Used",
        "avail" if human || listed => "Avail",
        "avail" => "Available",
        "pcent" => "Use%",
        other => return Err(Unsimulated(format!("`df --output={other}`")).into()),
    }
    .to_owned())
}

impl FileSystem {
    fn cell(&self, column: &str, human: bool, unit: u64) -> String {
        let amount = |bytes: u64| if human { size(bytes, true) } else { bytes.div_ceil(unit).to_string() };
        match column {
            "source" => self.source.clone(),
            "target" => self.target.clone(),
            "size" => amount(self.size),
            "used" => amount(self.used),
            "avail" => amount(self.size - self.used),
            _ => format!("{}%", (self.used * 100).div_ceil(self.size.max(1))),
        }
    }
}

fn print(process: &mut Process<'_>, columns: &[&str], table: &[Vec<String>]) {
    for row in table {
        let mut cells = Vec::new();
        for (at, cell) in row.iter().enumerate() {
            let width = table.iter().map(|row| row[at].len()).max().unwrap_or(0);
            // Columns are no narrower than their usual titles.
            let width = match columns[at] {
                "source" => width.max(14),
                "size" | "used" | "avail" => width.max(5),
                "pcent" => width.max(4),
                _ => width,
            };
            let is_last = at + 1 == row.len();
            cells.push(match columns[at] {
                "source" | "target" if is_last => cell.clone(),
                "source" | "target" => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
        }
        process.say(cells.join(" "));
    }
}
