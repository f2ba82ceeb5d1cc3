//! One row a command line: its class must be what an operator would say.

use super::*;
use crate::model::source::{FileId, Span};

fn words(line: &str) -> Vec<Option<String>> {
    line.split_whitespace().map(|word| (!word.contains('@')).then(|| word.to_owned())).collect()
}

const R: Known = Known::Class(Effect::Read);
const M: Known = Known::Class(Effect::Mutate);
const D: Known = Known::Class(Effect::Destroy);
const O: Known = Known::Opaque;
const H: Known = Known::Hidden;

/// `@` stands for a word with a template in it.
const DOCKER: &[(&str, Known)] = &[
    ("ps", R),
    ("ps -a --format {{.Names}}", R),
    ("--context lab ps", R),
    ("-H tcp://h:2375 rm x", D),
    ("--host=tcp://h:2375 logs x", R),
    ("--debug inspect x", R),
    ("inspect @", R),
    ("info --format {{.Name}}", R),
    ("version", R),
    ("--version", R),
    ("images", R),
    ("logs --since @ --tail 1000 app", R),
    ("top x", R),
    ("start x", M),
    ("stop x", M),
    ("restart @", M),
    ("pause x", M),
    ("unpause x", M),
    ("kill x", M),
    ("pull @", M),
    ("push x", M),
    ("tag a b", M),
    ("cp a b", M),
    ("save -o f x", M),
    ("exec x psql", O),
    ("exec -i x rm -rf /", O),
    ("run --rm alpine true", O),
    ("rm x", D),
    ("rm -f x", D),
    ("rmi x", D),
    ("@ x", H),
    ("--unknown", D),
    ("frobnicate", D),
    ("container inspect x", R),
    ("container ls", R),
    ("container exec x y", O),
    ("container stop x", M),
    ("container rm x", D),
    ("container prune -f", D),
    ("container @", H),
    ("image ls", R),
    ("image pull x", M),
    ("image prune", D),
    ("image rm x", D),
    ("volume ls", R),
    ("volume inspect x", R),
    ("volume create x", M),
    ("volume rm x", D),
    ("volume prune", D),
    ("network ls", R),
    ("network connect a b", M),
    ("network rm x", D),
    ("network prune", D),
    ("system df", R),
    ("system prune", D),
    ("context ls", R),
    ("context use x", M),
    ("context rm x", D),
    ("buildx du", R),
    ("buildx prune", D),
    ("stack deploy x", M),
    ("stack rm x", D),
    ("service ls", R),
    ("compose ps", R),
    ("compose -f a.yaml -p x ps", R),
    ("compose --project-directory @ -f @ -p x up -d", M),
    ("compose config", R),
    ("compose logs app", R),
    ("compose up -d --no-deps app", M),
    ("compose up -d -V", D),
    ("compose up --remove-orphans", D),
    ("compose stop app", M),
    ("compose restart app", M),
    ("compose pull", M),
    ("compose exec app sh", O),
    ("compose run app sh", O),
    ("compose rm -sf app", D),
    ("compose down", M),
    ("compose down -v", D),
    ("compose down --volumes", D),
    ("compose down --rmi all", D),
    ("compose --dry-run down -v", R),
    ("compose @", H),
    ("compose nonsense", D),
];

const GCLOUD: &[(&str, Known)] = &[
    ("compute instances list", R),
    ("compute instances describe vm --format=json", R),
    ("compute snapshots list --project=@ --limit=1", R),
    ("--project p compute disks list", R),
    ("compute instances get-serial-port-output vm", R),
    ("projects get-iam-policy p", R),
    ("config get-value project", R),
    ("info", R),
    ("--version", R),
    ("auth list", R),
    ("dns record-sets changes describe 1", R),
    ("storage ls gs://b", R),
    ("sql operations wait x", R),
    ("compute disks create d --source-snapshot=@", M),
    ("compute instances attach-disk vm --disk=d", M),
    ("compute instances detach-disk vm --disk=d", M),
    ("compute instances start vm", M),
    ("compute instances stop vm", M),
    ("compute instances add-metadata vm", M),
    ("compute disks snapshot d", M),
    ("compute disks add-resource-policies d", M),
    ("dns record-sets update x --rrdatas=1", M),
    ("dns record-sets transaction execute", M),
    ("sql instances promote-replica r", M),
    ("sql instances clone a b", M),
    ("container clusters get-credentials c", M),
    ("compute ssh vm --command=true", O),
    ("compute scp a vm:b", O),
    ("compute disks delete d --quiet", D),
    ("compute instances delete list", D),
    ("sql backups restore 1", D),
    ("storage rm gs://b/x", D),
    ("compute instances frobnicate list", D),
    ("compute unknown-group list", D),
    ("compute instances @ list", H),
    ("compute instances", D),
    ("compute disks delete d --dry-run", R),
    ("compute ssh vm --dry-run", O),
];

#[test]
fn docker_commands_have_their_class() {
    for (line, class) in DOCKER {
        assert_eq!(docker(&words(line)), *class, "docker {line}");
    }
}

#[test]
fn gcloud_commands_have_their_class() {
    for (line, class) in GCLOUD {
        assert_eq!(gcloud(&words(line)), *class, "gcloud {line}");
    }
}

#[test]
fn only_safe_methods_read() {
    assert_eq!([http("GET"), http("HEAD"), http("OPTIONS")], [R; 3]);
    assert_eq!([http("POST"), http("DELETE"), http("PUT")], [O; 3]);
}

#[test]
fn a_declaration_raises_and_never_lowers() {
    let span = Span { file: FileId(0), start: 0, end: 1 };
    let declared = |value| Spanned { value, span };
    let raised = decide(R, Some(&declared(Effect::Destroy))).expect("raising is allowed");
    assert_eq!(raised, EffectClass { effect: Effect::Destroy, declared: false });
    assert_eq!(decide(D, Some(&declared(Effect::Read))).expect_err("lowering is not").code, "plan::effect_lowered");
    let read = decide(O, Some(&declared(Effect::Read))).expect("an opaque action is what its author says");
    assert_eq!(read, EffectClass { effect: Effect::Read, declared: true });
    assert_eq!(decide(O, None).expect("mutate by default").effect, Effect::Mutate);
}

#[test]
fn destructive_words_are_seen() {
    for text in [
        "psql -c 'DROP TABLE x'",
        "rm -rf /data",
        "rm -r -f x",
        "docker volume rm x",
        "truncate users",
        "find / -delete",
    ] {
        assert!(destructive_words(text).is_some(), "{text}");
    }
    for text in ["test -b /dev/x", "select count(*) from drops", "rm", "inform -r"] {
        assert!(destructive_words(text).is_none(), "{text}");
    }
}
