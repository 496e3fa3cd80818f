//! The guide, followed word by word against an emulator that keeps to IAM.

use uuid::Uuid;

use crate::kit::{Desk, Ran, told};

/// The account that owns the bucket; the emulator takes it as its root's access key.
const OWNER: &str = "222222222222";
/// The account that Spile's credentials are of, and its root's access key.
const VENDOR: (&str, &str) = ("000000000000", "test");

/// A desk with the AWS CLI, for whoever has an access key.
fn desk_of(key_id: &str, secret: &str) -> Desk {
    Desk::with_python()
        .set("AWS_ACCESS_KEY_ID", key_id)
        .set("AWS_SECRET_ACCESS_KEY", secret)
        .set("AWS_ENDPOINT_URL", &told("MINISTACK_ENDPOINT"))
        .set("AWS_DEFAULT_REGION", "us-east-1")
}

/// The blocks of a page in a language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("\n```{language}\n");
    let blocks: Vec<&str> = page.split(&fence).skip(1).collect();
    let end = |block: &'a str| block.split("```").next().expect("an end");
    blocks.into_iter().map(end).collect()
}

/// A name that no other test has.
fn fresh(name: &str) -> String {
    format!("{name}-{}", Uuid::new_v4().simple())
}

/// What the owner of a bucket is told, and does: all commands of the AWS CLI. The page and what the
/// last command printed.
fn follow(flags: &str) -> (String, String) {
    let owner = desk_of(OWNER, "test");
    owner.ok(&format!("spile setup {flags} --as cli > setup.md"));
    let page = owner.read("setup.md");
    let commands = blocks(&page, "sh");
    let commands = commands.iter().filter(|block| block.starts_with("aws "));
    let script: Vec<&str> = commands.copied().collect();
    owner.write("setup.sh", format!("set -e\n{}", script.join("\n")));
    owner.ok("sh setup.sh > printed");
    (page, owner.read("printed"))
}

/// A user of the vendor's account with a policy, and its access key.
fn vendor_with(policy: &str) -> Desk {
    let root = desk_of(VENDOR.1, "test");
    let user = fresh("vendor");
    root.write("policy.json", policy);
    root.ok(&format!(
        "aws iam create-user --user-name {user} && \
         aws iam put-user-policy --user-name {user} --policy-name assume \
           --policy-document file://policy.json && \
         aws iam create-access-key --user-name {user} > key.json"
    ));
    let (id, secret) = key_of(&root.read("key.json"));
    desk_of(&id, &secret)
}

/// The id and the secret in what `aws iam create-access-key` prints.
fn key_of(printed: &str) -> (String, String) {
    let start = printed.rfind("{\n    \"AccessKey\"").expect("a key");
    let key: serde_json::Value = serde_json::from_str(&printed[start..]).expect("JSON");
    let text = |name| key["AccessKey"][name].as_str().expect("a text").to_owned();
    (text("AccessKeyId"), text("SecretAccessKey"))
}

fn assume(desk: &Desk, role: &str, external_id: Option<&str>) -> Ran {
    let external_id = external_id.map(|id| format!("--external-id {id}"));
    desk.run(&format!(
        "aws sts assume-role --role-arn {role} --role-session-name setup {} > session.json",
        external_id.unwrap_or_default()
    ))
}

/// The configuration of a page, for the emulator.
fn configure(desk: &Desk, page: &str) {
    let endpoint = told("MINISTACK_ENDPOINT");
    let destination = format!(
        "[destination]\nendpoint = \"{endpoint}\"\nallow_http = true\nformat = \"jsonl\"\n\
         key = \"events.jsonl\"\n"
    );
    let config = blocks(page, "toml")[0].replace("[destination]\n", &destination);
    desk.write("spile.toml", config)
        .write("events.jsonl", "{\"id\":1}\n{\"id\":2}\n");
}

#[test]
fn a_role_that_spile_takes_on() {
    let (bucket, name) = (fresh("b"), fresh("spile"));
    let role = format!("arn:aws:iam::{OWNER}:role/{name}");
    let (page, _) = follow(&format!(
        "--bucket {bucket} --prefix raw --account {} --role-arn {role}",
        VENDOR.0
    ));
    let vendor = vendor_with(blocks(&page, "json")[0]);
    let id = page.split("external_id = \"").nth(1).expect("an id");
    let id = id.split('"').next().expect("an end");

    let given = assume(&vendor, &role, Some(id));
    assert_eq!(given.code, 0, "{given}");
    for wrong in [None, Some(&*id.to_uppercase())] {
        let refused = assume(&vendor, &role, wrong);
        assert!(
            refused.stderr.contains("AccessDenied"),
            "{wrong:?}: {refused}"
        );
    }

    configure(&vendor, &page);
    let vendor = vendor.set(
        "SPILE_DESTINATION__AUTH__STS_ENDPOINT",
        &told("MINISTACK_ENDPOINT"),
    );
    let loaded = vendor.ok("spile load events.jsonl --config spile.toml");
    assert!(
        loaded.stderr.contains("loaded 2 records in 1 object"),
        "{loaded}"
    );
    let elsewhere = vendor.run(&format!(
        "spile load events.jsonl --config spile.toml --to s3://{bucket}/other"
    ));
    assert_eq!(elsewhere.code, 5, "{elsewhere}");
    let listed = desk_of(OWNER, "test").ok(&format!("aws s3 ls --recursive s3://{bucket}"));
    let keys = listed
        .stdout
        .lines()
        .filter_map(|line| line.split(' ').next_back());
    let (kept, keys): (Vec<_>, Vec<_>) = keys.partition(|key| key.starts_with("raw/_spile/"));
    assert_eq!(keys, ["raw/events.jsonl"], "{listed}");
    assert_eq!(kept.len(), 1, "the manifest: {listed}");
}

#[test]
fn a_user_with_an_access_key() {
    let (bucket, name) = (fresh("b"), fresh("spile"));
    let (page, printed) = follow(&format!(
        "--bucket {bucket} --method access-key --name {name}"
    ));
    let (id, secret) = key_of(&printed);
    let user = Desk::new();
    let page = page.replace("AKIAEXAMPLE", &id);
    user.write("secret-access-key.txt", format!("{secret}\n"));
    configure(&user, &page);
    let loaded = user.ok("spile load events.jsonl --config spile.toml");
    assert!(
        loaded.stderr.contains("loaded 2 records in 1 object"),
        "{loaded}"
    );
    let stranger = user.run("spile load events.jsonl --config spile.toml --to s3://landing");
    assert_eq!(stranger.code, 5, "{stranger}");
}

#[test]
fn documents_of_json() {
    let (bucket, name) = (fresh("b"), fresh("spile"));
    let owner = desk_of(OWNER, "test");
    owner.ok(&format!(
        "aws s3 mb s3://{bucket} && \
         spile setup trust --account {} --external-id hush > trust.json && \
         spile setup policy --bucket {bucket} > policy.json && \
         aws iam create-role --role-name {name} \
           --assume-role-policy-document file://trust.json && \
         aws iam put-role-policy --role-name {name} --policy-name access \
           --policy-document file://policy.json",
        VENDOR.0
    ));
    let role = format!("arn:aws:iam::{OWNER}:role/{name}");
    let own = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"{role}"}}]}}"#
    );
    let vendor = vendor_with(&own);
    let given = assume(&vendor, &role, Some("hush"));
    assert_eq!(given.code, 0, "{given}");
    let refused = assume(&vendor, &role, Some("Hush"));
    assert!(refused.stderr.contains("AccessDenied"), "{refused}");
}
