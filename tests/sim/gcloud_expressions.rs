//! `--filter`, `--sort-by` and `--format` of the simulated client: the cases were compared with the real one, version 528.

use proptest::prelude::*;

use super::gcloud_operator::{Operator, ZONE};

fn operator() -> Operator {
    let mut operator = Operator::new();
    operator.ok(&format!("compute disks create alpha {ZONE} --size=200GB --type=pd-balanced"));
    operator.ok(&format!("compute disks create beta {ZONE} --size=10GB --labels=a=b,c=d --description=hello"));
    operator.ok("compute disks create data-disk --zone=europe-north1-b --size=300");
    operator.ok(&format!("compute disks snapshot alpha {ZONE} --snapshot-names=alpha-1 --labels=k=v"));
    operator.ok("compute snapshots create beta-1 --source-disk=beta --source-disk-zone=europe-north1-a");
    operator.ok("compute snapshots create my-beta-2 --source-disk=beta --source-disk-zone=europe-north1-a");
    operator
}

fn names(operator: &mut Operator, list: &str, filter: &str) -> String {
    operator
        .ok(&format!("compute {list} list --filter={} --format='value(name)'", shlex::try_quote(filter).unwrap()))
        .replace('\n', " ")
}

#[test]
fn the_server_looks_for_words_where_the_client_looks_for_texts() {
    let operator = &mut operator();
    // Of snapshots, the server decides.
    for (filter, found) in [
        ("name=beta", "beta-1 my-beta-2"),
        ("name:bet", ""),
        ("name:bet*", "beta-1 my-beta-2"),
        ("name!=beta-1", "alpha-1 my-beta-2"),
        ("name~^beta", "beta-1"),
        ("name~eta AND NOT name=my-beta-2", "beta-1"),
        ("name=beta-1 OR name=alpha-1", "alpha-1 beta-1"),
        ("name=(beta-1,alpha-1)", "alpha-1 beta-1"),
        ("-name:beta-1", "alpha-1 my-beta-2"),
        ("(name=beta-1 OR name=alpha-1) AND status=READY", "alpha-1 beta-1"),
        ("status:READY name:beta-1", "beta-1"),
        ("diskSizeGb>10", "alpha-1"),
        ("labels.k=v", "alpha-1"),
        ("sourceDisk.basename()=beta", "beta-1 my-beta-2"),
        ("sourceDisk~/disks/beta$", "beta-1 my-beta-2"),
        ("creationTimestamp>-P1D", "alpha-1 beta-1 my-beta-2"),
        ("creationTimestamp<2020-01-01", ""),
    ] {
        assert_eq!(names(operator, "snapshots", filter), found, "{filter}");
    }
    // Of disks, the client does.
    for (filter, found) in [
        ("name=beta", "beta"),
        ("name=data", ""),
        ("name:alp", "alpha"),
        ("zone:europe-north1-a", "alpha beta"),
        ("zone=europe-north1-b", "data-disk"),
        ("users:*", ""),
        ("-users:*", "alpha beta data-disk"),
        ("sizeGb=10 labels.a:*", "beta"),
        ("sizeGb>=200 AND sizeGb<300", "alpha"),
        ("hello", "beta"),
        ("type.basename()=pd-balanced", "alpha"),
    ] {
        assert_eq!(names(operator, "disks", filter), found, "{filter}");
    }
}

#[test]
fn the_client_warns_of_what_will_change_and_of_keys_that_nothing_has() {
    let mut operator = operator();
    let said = operator.run("compute disks list --filter=name=data");
    assert!(
        said.stderr.contains("name=data currently does not match but will match in the near future"),
        "{}",
        said.stderr
    );
    assert!(said.stderr.ends_with("Listed 0 items.\n"), "{}", said.stderr);
    let said = operator.run("compute disks list --filter=-users:* --format='value(name)'");
    assert_eq!(said.stderr, "WARNING: The following filter keys were not present in any resource : users\n");
}

#[test]
fn a_wrong_filter_has_its_place() {
    let mut operator = operator();
    for (filter, said) in [
        ("name==((", "Malformed operator [name *HERE* ==((]."),
        ("name=", "Term operand expected [name= *HERE*]."),
        ("(name=x", "More tokens expected [(name=x *HERE*]."),
        ("name=x)", "Unexpected tokens [name=x *HERE* )] in expression."),
        ("name=x OR", "Term expected [name=x OR *HERE*]."),
        (
            "name=a OR name=b AND name=c",
            "Parenthesis grouping is required when AND and OR are are combined [name=a OR name=b AND *HERE* name=c].",
        ),
        ("name.foo()=x", "Unknown transform function foo [name.foo( *HERE* )=x]."),
    ] {
        let answer = operator.fails(&format!("compute disks list --filter={}", shlex::try_quote(filter).unwrap()));
        assert_eq!(answer, format!("ERROR: (gcloud.compute.disks.list) {said}"), "{filter}");
    }
    let answer = operator.fails("compute snapshots list --filter=nosuchfield:foo");
    assert!(
        answer.ends_with(
            r#"Invalid value for field 'filter': 'nosuchfield eq ".*\bfoo\b.*"'. Invalid list filter expression."#
        ),
        "{answer}"
    );
}

#[test]
fn forms_show_the_same_in_many_ways() {
    let mut operator = operator();
    for (form, shown) in [
        ("value(name,zone)", "alpha\thttps://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-north1-a"),
        ("value(name,type)", "alpha\tpd-balanced"),
        (
            "get(name,type)",
            "alpha\thttps://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-north1-a/diskTypes/pd-balanced",
        ),
        ("value(NAME,LOCATION)", "alpha\teurope-north1-a"),
        ("csv(name,sizeGb,zone.basename())", "name,size_gb,zone\nalpha,200,europe-north1-a"),
        ("csv[no-heading,separator=;](name,sizeGb)", "alpha;200"),
        ("value[separator=' '](name,sizeGb)", "alpha 200"),
        ("json(name,sizeGb,nosuch)", "[\n  {\n    \"name\": \"alpha\",\n    \"sizeGb\": \"200\"\n  }\n]"),
        ("yaml(name,status)", "---\nname: alpha\nstatus: READY"),
        ("table(name,sizeGb:label=GB,users.basename())", "NAME   GB   USERS\nalpha  200"),
        ("table[no-heading](name,sizeGb)", "alpha  200"),
        ("value(name.len(),name.upper(),selfLink.segment(-3))", "5\tALPHA\teurope-north1-a"),
        ("none", ""),
    ] {
        let list = format!("compute disks list --filter=name=alpha --format={}", shlex::try_quote(form).unwrap());
        assert_eq!(operator.ok(&list), shown, "{form}");
    }
    assert_eq!(operator.ok("compute disks list --filter=name=nothing --format=json"), "[]");
    assert_eq!(operator.ok(&format!("compute disks describe beta {ZONE} --format='value(labels)'")), "a=b;c=d");
    assert_eq!(operator.ok(&format!("compute disks describe beta {ZONE} --format='json(nosuch)'")), "null");
    assert_eq!(
        operator.ok("compute disks list --uri --limit=1"),
        "https://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-north1-a/disks/alpha"
    );
}

#[test]
fn lists_are_sorted_as_texts() {
    let mut operator = operator();
    assert_eq!(operator.ok("compute disks list --sort-by=sizeGb --format='value(sizeGb)'"), "10\n200\n300");
    assert_eq!(operator.ok("compute disks list --sort-by=~NAME --limit=2 --format='value(name)'"), "data-disk\nbeta");
    operator.ok("compute disks create big --zone=europe-north1-b --size=1000");
    assert_eq!(
        operator.ok("compute disks list --sort-by=sizeGb --format='value(sizeGb)'"),
        "10\n1000\n200\n300",
        "as the real client does"
    );
}

#[test]
fn parts_of_lists_are_reached() {
    let mut operator = Operator::with_machine();
    for (form, shown) in [
        ("value(disks[].deviceName)", "persistent-disk-0;data"),
        ("value(disks.deviceName)", "persistent-disk-0;data"),
        ("value(disks[-1].deviceName,disks.len())", "data\t2"),
        ("value(disks[].source.basename().list())", "web,data-disk"),
        (
            "json(disks[1].deviceName)",
            "{\n  \"disks\": [\n    null,\n    {\n      \"deviceName\": \"data\"\n    }\n  ]\n}",
        ),
        ("table(disks[].deviceName)", "DEVICE_NAME\n['persistent-disk-0', 'data']"),
        ("value(networkInterfaces[0].accessConfigs[0].nosuch)", ""),
    ] {
        let describe = format!("compute instances describe web {ZONE} --format={}", shlex::try_quote(form).unwrap());
        assert_eq!(operator.ok(&describe), shown, "{form}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_a_surprise(
        filter in "([a-z]{1,4}|[ ()\\[\\].:=~!<>*'\"-]|AND |OR |NOT |basename\\(\\)|[0-9]|é){0,12}",
        form in "(json|value|table|csv|yaml|[a-z]{1,4}|[ ()\\[\\].,:=~'\"-]|name|zone|basename\\(\\)|list\\(\\)|é){0,12}",
        words in "(--?[a-z]{0,6}=?|list|compute|disks|é|=|-|--){0,6}",
    ) {
        let mut world = Operator::new().world;
        for flags in [vec![format!("--filter={filter}")], vec![format!("--format={form}")], vec![words.clone()], words.split('-').map(str::to_owned).collect()] {
            let argv = ["gcloud", "compute", "zones", "list", "--limit=3"].map(str::to_owned);
            let argv: Vec<String> = argv.into_iter().chain(flags).collect();
            if let Ok(said) = world.command("local", &argv, "") {
                prop_assert!(matches!(said.exit, 0..=2));
            }
        }
    }
}
