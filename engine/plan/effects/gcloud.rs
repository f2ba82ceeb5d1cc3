//! Effect classes of the Google Cloud client.

use super::{Known, Literals, has_flag, positionals};
use crate::model::effect::Effect::{Destroy, Mutate, Read};

/// Flags that may stand before the verb and take the next word.
const VALUED: &[&str] = &[
    "--project",
    "--account",
    "--configuration",
    "--format",
    "--verbosity",
    "--zone",
    "--region",
    "--location",
    "--impersonate-service-account",
    "--billing-project",
    "--flags-file",
    "--trace-token",
    "--access-token-file",
    "--filter",
    "--limit",
    "--sort-by",
];

/// Words that name a group of commands; the first other word is the verb.
const GROUPS: &[&str] = &[
    "alpha",
    "beta",
    "compute",
    "instances",
    "disks",
    "snapshots",
    "images",
    "addresses",
    "networks",
    "subnets",
    "firewall-rules",
    "forwarding-rules",
    "backend-services",
    "health-checks",
    "instance-groups",
    "managed",
    "unmanaged",
    "instance-templates",
    "resource-policies",
    "routes",
    "routers",
    "regions",
    "zones",
    "operations",
    "machine-types",
    "url-maps",
    "target-pools",
    "target-http-proxies",
    "target-https-proxies",
    "ssl-certificates",
    "project-info",
    "rolling-action",
    "os-config",
    "os-login",
    "dns",
    "managed-zones",
    "record-sets",
    "changes",
    "transaction",
    "policies",
    "sql",
    "backups",
    "databases",
    "users",
    "flags",
    "tiers",
    "storage",
    "buckets",
    "objects",
    "container",
    "clusters",
    "node-pools",
    "run",
    "services",
    "revisions",
    "jobs",
    "redis",
    "filestore",
    "pubsub",
    "topics",
    "subscriptions",
    "secrets",
    "versions",
    "kms",
    "keys",
    "keyrings",
    "iam",
    "service-accounts",
    "roles",
    "projects",
    "logging",
    "sinks",
    "logs",
    "monitoring",
    "dashboards",
    "functions",
    "scheduler",
    "config",
    "configurations",
    "auth",
    "components",
    "artifacts",
    "repositories",
    "docker",
    "bigtable",
    "spanner",
    "firestore",
    "builds",
    "triggers",
    "certificate-manager",
];

const READ: &[&str] = &[
    "list",
    "describe",
    "info",
    "version",
    "help",
    "ls",
    "cat",
    "du",
    "hash",
    "read",
    "print-access-token",
    "print-identity-token",
    "print-settings",
    "wait",
    "tail",
    "verify",
    "config-helper",
    "search",
    "test",
];
/// Prefixes of reading verbs, save for the exceptions in [`MUTATE`].
const READ_PREFIXES: &[&str] = &["get-", "list-", "describe-", "test-"];
const MUTATE: &[&str] = &[
    "create",
    "update",
    "patch",
    "start",
    "stop",
    "suspend",
    "resume",
    "restart",
    "resize",
    "enable",
    "disable",
    "insert",
    "import",
    "export",
    "clone",
    "failover",
    "switchover",
    "promote",
    "promote-replica",
    "snapshot",
    "deploy",
    "execute",
    "activate",
    "activate-service-account",
    "add",
    "set",
    "unset",
    "bulk",
    "rename",
    "copy",
    "cp",
    "simulate-maintenance-event",
    "get-credentials",
    "login",
    "configure-docker",
    "submit",
    "publish",
    "abort",
    "access",
    "tag",
    "move",
    "init",
    "remove-tags",
    "remove-labels",
    "remove-metadata",
    "remove-iam-policy-binding",
    "remove-resource-policies",
    "update-traffic",
    "update-from-file",
    "start-update",
    "reschedule-maintenance",
    "undelete",
];
const MUTATE_PREFIXES: &[&str] = &["add-", "set-", "attach-", "detach-", "update-", "create-", "enable-", "disable-"];
/// What runs somewhere else, and nobody can look into.
const OPAQUE: &[&str] = &["ssh", "scp", "start-iap-tunnel", "connect"];

/// `gcloud` without its own name. Unknown groups and verbs destroy.
#[must_use]
pub fn gcloud(literals: &Literals) -> Known {
    let words = positionals(literals, VALUED);
    let Some(verb) = words.iter().find(|word| word.is_none_or(|word| !GROUPS.contains(&word))) else {
        let asks = has_flag(literals, &["--version", "--help", "-h"]);
        return Known::Class(if asks { Read } else { Destroy });
    };
    let Some(verb) = *verb else { return Known::Hidden };
    if OPAQUE.contains(&verb) {
        return Known::Opaque;
    }
    if has_flag(literals, &["--dry-run", "--validate-only", "--help"]) {
        return Known::Class(Read);
    }
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| verb.starts_with(prefix));
    Known::Class(if MUTATE.contains(&verb) {
        Mutate
    } else if READ.contains(&verb) || starts(READ_PREFIXES) {
        Read
    } else if starts(MUTATE_PREFIXES) {
        Mutate
    } else {
        Destroy
    })
}
