//! The page in a bundle for whoever has to check it without this program: tar, sha256sum, ssh-keygen, sed.

use super::head::Head;
use super::manifest::Manifest;

/// The page.
#[must_use]
pub fn text(manifest_of: &Manifest) -> String {
    let Manifest { of, id, title, created, heads, .. } = manifest_of;
    let title: String = title.chars().filter(|c| !c.is_control()).collect();
    let top = manifest_of.top();
    let created = created.format("%Y-%m-%d %H:%M:%S UTC");
    let heads: Vec<String> = heads.iter().map(|head| format!("  {head}")).collect();
    let heads = heads.join("\n");
    let finished = if manifest_of.finished { "" } else { "\nIts journal has no end: it was bundled as it stood.\n" };
    let layout = layout(of, id, &manifest_of.heads);
    format!(
        "Evidence of the {of} {id}
{title}
Last record: {created}
{finished}
{layout}
Secrets were masked as *** before they were written to these files.

To check it with `runbook`:

  runbook verify {top}.tar --signers ALLOWED_SIGNERS --identity NAME --head LINE

To check it without:

1. The files are those of the manifest (GNU coreutils):

  tar -xf {top}.tar && cd {top} && sha256sum --quiet -c SHA256SUMS

2. The manifest is that of whoever signed it (OpenSSH). Only if there is a
   manifest.json.sig; ALLOWED_SIGNERS is a file that you trust, see ssh-keygen(1):

  ssh-keygen -Y verify -n runbook-bundle -f ALLOWED_SIGNERS -I NAME \\
    -s manifest.json.sig < manifest.json

3. The chain of a journal. Each line is a record:
   {{\"v\":1,\"seq\":N,\"prev\":\"…\",\"hash\":\"…\",\"at\":\"…\",…}}
   `hash` is SHA-256 over the line without its `\"hash\":\"…\",` and without its line feed;
   `prev` is the hash of the record before, 64 zeros for the first; `seq` counts from 0.
   In a POSIX shell:

  check() {{
    prev=0000000000000000000000000000000000000000000000000000000000000000 seq=0
    while IFS= read -r line; do
      hash=$(printf %s \"$line\" | sed 's/\"hash\":\"[0-9a-f]*\",//' | sha256sum)
      hash=${{hash%% *}}
      case $line in
        '{{\"v\":1,\"seq\":'\"$seq\"',\"prev\":\"'\"$prev\"'\",\"hash\":\"'\"$hash\"'\",'*) ;;
        *) echo \"broken at record $seq\"; return 1 ;;
      esac
      prev=$hash seq=$((seq + 1))
    done < \"$1\"
    echo \"$seq records, head $prev\"
  }}
  for journal in */journal.jsonl runs/*/journal.jsonl; do
    [ -e \"$journal\" ] && check \"$journal\"
  done

4. What a chain alone cannot prove: that nothing was cut off behind the last record, and that
   it is not another chain that is as consistent. A head that was kept elsewhere proves both:

{heads}

"
    )
}

/// What lies where.
fn layout(of: &str, id: &str, heads: &[Head]) -> String {
    let run = |path: &str| {
        format!(
            "  {path}/journal.jsonl   what happened, a hash-chained record a line
  {path}/plan.json       what it was made of; its digests are in the first record
  {path}/steps/          what each attempt of each step wrote
  {path}/inbox/          approvals and other letters, with their signatures
"
        )
    };
    if of != "drill" {
        return run(id);
    }
    let its =
        heads.iter().find(|head| head.of == "run").map_or_else(String::new, |head| run(&format!("runs/{}", head.id)));
    format!(
        "  {id}/journal.jsonl   the drill: its stages, its fault, what was measured, and the digests of all other files
  {id}/canary.jsonl    every write of the canary, acknowledged or not
  {id}/run.log, checks.log   what the engine showed
{its}"
    )
}
