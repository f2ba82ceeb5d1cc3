//! `md5sum`, `sha256sum`, `sha512sum`.

use std::fmt::Write;

use sha2::{Digest, Sha256, Sha512};

use super::super::process::{Chunk, Process, Stream};
use super::Done;
use super::flags::Spec;

/// Which digest.
#[derive(Clone, Copy)]
enum Kind {
    Md5,
    Sha256,
    Sha512,
}

impl Kind {
    /// How many hexadecimal digits it has.
    fn digits(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }

    fn of(self, content: &Stream) -> String {
        let mut bytes = Vec::new();
        for chunk in &content.0 {
            match chunk {
                Chunk::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                // What stands for content has a digest of its own, the same for all whole copies of it.
                Chunk::Blob(blob) => {
                    bytes.extend_from_slice(format!("{}:{}:{}", blob.id, blob.bytes, blob.whole).as_bytes());
                }
            }
        }
        match self {
            Self::Md5 => hex(&md5(&bytes)),
            Self::Sha256 => hex(&Sha256::digest(&bytes)),
            Self::Sha512 => hex(&Sha512::digest(&bytes)),
        }
    }
}

/// Hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `md5sum`
pub fn md5sum(process: &mut Process<'_>, arguments: &[String]) -> Done {
    sum(process, arguments, "md5sum", Kind::Md5)
}

/// `sha256sum`
pub fn sha256sum(process: &mut Process<'_>, arguments: &[String]) -> Done {
    sum(process, arguments, "sha256sum", Kind::Sha256)
}

/// `sha512sum`
pub fn sha512sum(process: &mut Process<'_>, arguments: &[String]) -> Done {
    sum(process, arguments, "sha512sum", Kind::Sha512)
}

fn sum(process: &mut Process<'_>, arguments: &[String], program: &'static str, kind: Kind) -> Done {
    let spec = Spec {
        program,
        options: &[
            "c,check",
            "b,binary",
            "t,text",
            "quiet",
            "status",
            "s",
            "ignore-missing",
            "!strict",
            "!tag",
            "!w,warn",
            "!z,zero",
        ],
        usage: 1,
        stops: false,
    };
    let told = spec.read(process, arguments)?;
    let (inputs, mut status) = process.inputs(program, &told.operands)?;
    if !told.has("c") {
        for (name, content) in inputs {
            process.transfer(content.bytes(), 300);
            process.say(format!("{} {}{name}", kind.of(&content), if told.has("b") { '*' } else { ' ' }));
        }
        return Ok(status);
    }
    let quiet = told.has("quiet") || told.has("status") || told.has("s");
    let (mut wrong, mut missing, mut checked) = (0, 0, 0);
    for (_, list) in inputs {
        for line in list.to_text().lines() {
            let Some((digest, name)) = line.split_once(' ').filter(|(digest, _)| digest.len() == kind.digits()) else {
                continue;
            };
            let name = name.strip_prefix([' ', '*']).unwrap_or(name);
            match process.read(name)? {
                Ok(content) => {
                    process.transfer(content.bytes(), 300);
                    checked += 1;
                    let holds = kind.of(&content) == digest;
                    wrong += u32::from(!holds);
                    if !holds && !told.has("status") && !told.has("s") {
                        process.say(format!("{name}: FAILED"));
                    } else if holds && !quiet {
                        process.say(format!("{name}: OK"));
                    }
                }
                Err(_) if told.has("ignore-missing") => {}
                Err(error) => {
                    missing += 1;
                    process.complain(format!("{program}: {name}: {error}"));
                    if !told.has("status") {
                        process.say(format!("{name}: FAILED open or read"));
                    }
                }
            }
        }
    }
    if checked + missing == 0 {
        process.complain(format!("{program}: no properly formatted checksum lines found"));
        status = 1;
    }
    for (count, what) in [(missing, "listed file could not be read"), (wrong, "computed checksum did NOT match")] {
        if count > 0 {
            status = 1;
            let plural = match (count, what) {
                (1, what) => what.to_owned(),
                (_, what) => what.replace("file could", "files could").replace("checksum did", "checksums did"),
            };
            process.complain(format!("{program}: WARNING: {count} {plural}"));
        }
    }
    Ok(status)
}

/// MD5 (RFC 1321).
fn md5(message: &[u8]) -> [u8; 16] {
    const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let mut state: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    let mut padded = message.to_vec();
    padded.push(0x80);
    // The length takes the last eight bytes of a block.
    padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
    padded.extend_from_slice(&(message.len() as u64).wrapping_mul(8).to_le_bytes());
    for block in padded.chunks_exact(64) {
        let word =
            |at: usize| u32::from_le_bytes([block[4 * at], block[4 * at + 1], block[4 * at + 2], block[4 * at + 3]]);
        let [mut a, mut b, mut c, mut d] = state;
        for round in 0..64_usize {
            let (mixed, at) = match round / 16 {
                0 => ((b & c) | (!b & d), round),
                1 => ((d & b) | (!d & c), (5 * round + 1) % 16),
                2 => (b ^ c ^ d, (3 * round + 5) % 16),
                _ => (c ^ (b | !d), (7 * round) % 16),
            };
            let sum = a.wrapping_add(mixed).wrapping_add(SINES[round]).wrapping_add(word(at));
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(SHIFTS[round / 16][round % 4]));
        }
        for (part, more) in state.iter_mut().zip([a, b, c, d]) {
            *part = part.wrapping_add(more);
        }
    }
    let mut digest = [0; 16];
    for (at, part) in state.iter().enumerate() {
        digest[4 * at..4 * at + 4].copy_from_slice(&part.to_le_bytes());
    }
    digest
}

/// The whole part of 2³² × |sin(n)|.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standards() {
        let of = |kind: Kind, text: &str| kind.of(&Stream::text(text));
        assert_eq!(of(Kind::Md5, ""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(of(Kind::Md5, "message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        let long = "1234567890".repeat(8);
        assert_eq!(of(Kind::Md5, &long), "57edf4a22be3c955ac49da2e2107b67a");
        assert!(of(Kind::Sha256, "abc").starts_with("ba7816bf"));
    }
}
