//! `openssl enc -aes-256-cbc`: what is encrypted comes out only with the same key, derived in the same way.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::super::blob::{Blob, Holds};
use super::super::process::{Process, Stream, Unsimulated};
use super::digest::hex;
use super::gzip::{unwrapped, wrapped};
use super::{Done, Halt};

/// Megabytes a second.
const SPEED: u64 = 300;

/// What it was told.
#[derive(Default)]
struct Told {
    cipher: bool,
    decrypts: bool,
    /// What derives the key from the password.
    derivation: String,
    password: Option<String>,
    input: Option<String>,
    output: Option<String>,
}

/// `openssl`
pub fn openssl(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let rest = match arguments {
        [verb, rest @ ..] if verb == "enc" || verb == "aes-256-cbc" => {
            if verb == "enc" {
                rest
            } else {
                arguments
            }
        }
        [verb, ..] => return Err(Unsimulated(format!("`openssl {verb}`")).into()),
        [] => return Err(Unsimulated("`openssl` without a command".to_owned()).into()),
    };
    let told = read(process, rest)?;
    let Some(password) = told.password.as_ref().filter(|_| told.cipher) else {
        return Err(Unsimulated("`openssl enc` without a password or with another cipher".to_owned()).into());
    };
    let content = match &told.input {
        None => std::mem::take(&mut process.stdin),
        Some(file) => match process.read(file)? {
            Ok(content) => content,
            Err(error) => {
                process.complain(format!("Can't open \"{file}\" for reading, {error}"));
                return Ok(1);
            }
        },
    };
    process.transfer(content.bytes(), SPEED);
    // The world keeps no passwords: a key is known by what it is derived from, and only by its digest.
    let key = hex(&Sha256::digest(format!("{}\n{password}", told.derivation))[..8]);
    let (result, status) =
        if told.decrypts { decrypt(process, &content, &key) } else { (encrypt(process, &content, key)?, 0) };
    match &told.output {
        None => process.stdout.extend(result),
        Some(file) => {
            if let Err(error) = process.write(file, &result, false)? {
                process.complain(format!("Can't open \"{file}\" for writing, {error}"));
                return Ok(1);
            }
        }
    }
    Ok(status)
}

fn encrypt(process: &mut Process<'_>, content: &Stream, key: String) -> Result<Stream, Halt> {
    let of = wrapped(process, content)?;
    let id = process.world.dice.roll();
    let bytes = (of.bytes / 16 + 1) * 16 + 16;
    Ok(Stream::blob(Arc::new(Blob { id, bytes, whole: true, holds: Holds::Encrypted { key, of } })))
}

fn decrypt(process: &mut Process<'_>, content: &Stream, key: &str) -> (Stream, i32) {
    let Some(blob) = content.as_blob() else {
        process.complain(if content.is_empty() { "error reading input file" } else { "bad magic number" });
        return (Stream::default(), 1);
    };
    let Holds::Encrypted { key: right, of } = &blob.holds else {
        process.complain("bad magic number");
        return (Stream::default(), 1);
    };
    if right != key || !blob.whole {
        process.complain("bad decrypt");
        process.complain("139:error:1C800064:Provider routines:ossl_cipher_unpadblock:bad decrypt:../providers/implementations/ciphers/ciphercommon_block.c:124:");
        // What was written before is no use to anybody; with a cut file it is the beginning.
        let part = if right == key {
            unwrapped(&Arc::new(Blob { whole: false, ..(**of).clone() }))
        } else {
            garbage(process, of)
        };
        return (part, 1);
    }
    process.world.prove(blob.id);
    (unwrapped(of), 0)
}

/// What a wrong key makes of it.
fn garbage(process: &mut Process<'_>, of: &Blob) -> Stream {
    let id = process.world.dice.roll();
    Stream::blob(Arc::new(Blob { id, bytes: of.bytes, whole: false, holds: Holds::Other }))
}

fn read(process: &mut Process<'_>, arguments: &[String]) -> Result<Told, Halt> {
    let mut told = Told::default();
    let mut rest = arguments.iter();
    let mut derivation = Vec::new();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "-aes-256-cbc" | "-aes256" | "aes-256-cbc" => told.cipher = true,
            "-d" => told.decrypts = true,
            "-e" | "-salt" => {}
            "-pbkdf2" | "-a" | "-base64" | "-A" | "-nosalt" => {
                if matches!(argument.as_str(), "-a" | "-base64" | "-A") {
                    return Err(Unsimulated(format!("`openssl enc {argument}`")).into());
                }
                derivation.push(argument.clone());
            }
            "-iter" | "-md" | "-k" | "-pass" | "-in" | "-out" | "-kfile" => {
                let Some(value) = rest.next() else {
                    process.complain(format!("enc: Option {argument} needs a value"));
                    process.complain("enc: Use -help for summary.");
                    return Err(Halt::Exit(1));
                };
                match argument.as_str() {
                    "-iter" | "-md" => derivation.push(format!("{argument} {value}")),
                    "-k" => told.password = Some(value.clone()),
                    "-pass" => told.password = Some(password(process, value)?),
                    "-kfile" => told.password = Some(password(process, &format!("file:{value}"))?),
                    "-in" => told.input = Some(value.clone()),
                    _ => told.output = Some(value.clone()),
                }
            }
            other => return Err(Unsimulated(format!("`openssl enc {other}`")).into()),
        }
    }
    if derivation.iter().any(|part| part.starts_with("-iter")) {
        derivation.push("-pbkdf2".to_owned());
    }
    // What is the default anyway.
    derivation.retain(|part| part != "-iter 10000" && part != "-md sha256");
    derivation.sort();
    derivation.dedup();
    told.derivation = derivation.join(" ");
    Ok(told)
}

/// `pass:…`, `env:…`, `file:…`
fn password(process: &mut Process<'_>, source: &str) -> Result<String, Halt> {
    match source.split_once(':') {
        Some(("pass", password)) => Ok(password.to_owned()),
        Some(("env", name)) => {
            if let Some(password) = process.env.get(name) {
                Ok(password.clone())
            } else {
                process.complain(format!("Can't read environment variable {name}"));
                process.complain("Error getting password");
                Err(Halt::Exit(1))
            }
        }
        Some(("file", file)) => match process.read(file)? {
            Ok(content) => Ok(content.to_text().lines().next().unwrap_or_default().to_owned()),
            Err(error) => {
                process.complain(format!("Can't open file {file}: {error}"));
                process.complain("Error getting password");
                Err(Halt::Exit(1))
            }
        },
        _ => Err(Unsimulated(format!("`openssl enc -pass {source}`")).into()),
    }
}
