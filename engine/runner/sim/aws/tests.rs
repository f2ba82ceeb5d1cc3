//! S3 as `aws` shows it. Texts are recorded from the client against a stand-in of the service.

use super::super::trial::{Gave, Trial};

fn with_bucket() -> Trial {
    let mut trial = Trial::new();
    trial.here("aws s3 mb s3://buck");
    trial.write("/root/a.txt", "hello\n");
    for (path, text) in [("/root/d/x", "x\n"), ("/root/d/e/y", "y\n"), ("/root/d/z.tmp", "t\n")] {
        trial.write(path, text);
    }
    trial
}

fn aws(trial: &mut Trial, command: &str) -> Gave {
    trial.here(&format!("aws {command}"))
}

#[track_caller]
fn says(trial: &mut Trial, command: &str, exit: i32, out: &str, err: &str) {
    let gave = aws(trial, command);
    assert_eq!((gave.exit, gave.out.as_str(), gave.err.as_str()), (exit, out, err), "{command}");
}

#[test]
fn files_go_there_and_back() {
    let mut trial = with_bucket();
    let trial = &mut trial;
    says(trial, "s3 cp a.txt s3://buck/a.txt", 0, "upload: ./a.txt to s3://buck/a.txt\n", "");
    says(trial, "s3 cp a.txt s3://buck/dir/", 0, "upload: ./a.txt to s3://buck/dir/a.txt\n", "");
    says(trial, "s3 cp s3://buck/a.txt out.txt", 0, "download: s3://buck/a.txt to ./out.txt\n", "");
    says(trial, "s3 cp s3://buck/a.txt -", 0, "hello\n", "");
    says(trial, "s3 cp s3://buck/a.txt s3://buck/copy.txt", 0, "copy: s3://buck/a.txt to s3://buck/copy.txt\n", "");
    says(trial, "s3 cp --quiet a.txt s3://buck/q", 0, "", "");
    says(
        trial,
        "s3 cp d s3://buck/d --recursive",
        0,
        "upload: d/e/y to s3://buck/d/e/y\nupload: d/x to s3://buck/d/x\nupload: d/z.tmp to s3://buck/d/z.tmp\n",
        "",
    );
    says(trial, "s3 mv out.txt s3://buck/moved", 0, "move: ./out.txt to s3://buck/moved\n", "");
    assert!(!trial.is_there("/root/out.txt"));
    says(trial, "s3 rm s3://buck/moved", 0, "delete: s3://buck/moved\n", "");
    says(trial, "s3 rm s3://buck/never", 0, "delete: s3://buck/never\n", "");
    let gave = aws(trial, "s3 ls s3://buck/d/");
    assert_eq!(gave.out.lines().next().unwrap(), "                           PRE e/");
    assert!(gave.out.lines().nth(1).unwrap().ends_with("         2 x"), "{}", gave.out);
    says(trial, "s3 ls s3://buck/none/", 1, "", "");
    assert_eq!(aws(trial, "s3 ls s3://buck --recursive").out.lines().count(), 7);
}

#[test]
fn a_sync_copies_what_differs() {
    let mut trial = with_bucket();
    let trial = &mut trial;
    says(
        trial,
        "s3 sync d s3://buck/s --exclude '*.tmp' --dryrun",
        0,
        "(dryrun) upload: d/e/y to s3://buck/s/e/y\n(dryrun) upload: d/x to s3://buck/s/x\n",
        "",
    );
    says(trial, "s3 sync d s3://buck/s --exclude '*.tmp' --only-show-errors --sse aws:kms", 0, "", "");
    says(trial, "s3 sync d s3://buck/s --exclude '*.tmp'", 0, "", "");
    says(
        trial,
        "s3 sync s3://buck/s back",
        0,
        "download: s3://buck/s/e/y to back/e/y\ndownload: s3://buck/s/x to back/x\n",
        "",
    );
    trial.here("aws s3 rm s3://buck/s/x");
    says(trial, "s3 sync s3://buck/s back --delete", 0, "delete: back/x\n", "");
    let gave = aws(trial, "s3api head-object --bucket buck --key s/e/y --output json");
    assert!(
        gave.out.contains("\"ContentLength\": 2") && gave.out.contains("\"ServerSideEncryption\": \"aws:kms\""),
        "{}",
        gave.out
    );
}

#[test]
fn errors_have_the_codes_of_the_client() {
    let mut trial = with_bucket();
    let trial = &mut trial;
    let none = |operation: &str| {
        format!(
            "An error occurred (NoSuchBucket) when calling the {operation} operation: The specified bucket does not exist\n"
        )
    };
    says(trial, "s3 ls s3://nob", 254, "", &format!("\n{}", none("ListObjectsV2")));
    says(
        trial,
        "s3 cp a.txt s3://nob/a",
        1,
        "",
        &format!("upload failed: ./a.txt to s3://nob/a {}", none("PutObject")),
    );
    says(
        trial,
        "s3 cp s3://buck/none out",
        1,
        "",
        "fatal error: An error occurred (404) when calling the HeadObject operation: Key \"none\" does not exist\n",
    );
    says(trial, "s3 cp nofile s3://buck/x", 255, "", "\nThe user-provided path nofile does not exist.\n");
    says(trial, "s3 sync s3://nob/s back", 1, "", &format!("fatal error: {}", none("ListObjectsV2")));
    says(trial, "s3 ls --nosuch", 252, "", "\nUnknown options: --nosuch\n");
    says(
        trial,
        "s3api head-object --bucket buck --key none",
        254,
        "",
        "\nAn error occurred (404) when calling the HeadObject operation: Not Found\n",
    );
    says(trial, "s3api list-objects-v2 --bucket nob", 254, "", &format!("\n{}", none("ListObjectsV2")));
    says(
        trial,
        "s3 mb s3://b",
        1,
        "",
        "make_bucket failed: s3://b An error occurred (InvalidBucketName) when calling the CreateBucket operation: The specified bucket is not valid.\n",
    );
    assert_eq!(aws(trial, "s3api head-object --bucket buck").exit, 252);
}

#[test]
fn calls_answer_in_json() {
    let mut trial = with_bucket();
    let trial = &mut trial;
    aws(trial, "s3 cp d s3://buck/d --recursive");
    let gave = aws(trial, "s3api list-objects-v2 --bucket buck --prefix d/");
    let answer: serde_json::Value = serde_json::from_str(&gave.out).unwrap();
    assert_eq!(answer["Contents"].as_array().unwrap().len(), 3);
    assert_eq!(answer["Contents"][0]["Key"], "d/e/y");
    says(
        trial,
        "s3api list-objects-v2 --bucket buck --prefix none",
        0,
        "{\n    \"RequestCharged\": null,\n    \"Prefix\": \"none\"\n}\n",
        "",
    );
    says(trial, "s3api get-bucket-versioning --bucket buck --output json", 0, "", "");
    says(trial, "s3api put-bucket-versioning --bucket buck --versioning-configuration Status=Enabled", 0, "", "");
    says(
        trial,
        "s3api get-bucket-versioning --bucket buck --output json",
        0,
        "{\n    \"Status\": \"Enabled\"\n}\n",
        "",
    );
}
