//! Documents in all forms, read by programs that weren't written here.

use crate::kit::Desk;

/// Documents by the command lines that print them.
const DOCUMENTS: [(&str, &str); 5] = [
    ("whole-bucket", "policy --bucket acme-landing"),
    (
        "narrowed",
        "policy --bucket acme-landing --prefix \"it's\\\"raw\\\"\\\\/été %25 #1: \\$HOME\"",
    ),
    (
        "all-additions",
        "policy --bucket acme-landing --prefix raw --abort-multipart --object-tags \
         --kms-key arn:aws:kms:eu-west-1:222222222222:key/12ab --name data_loads",
    ),
    (
        "user",
        "policy --bucket acme-landing --method access-key --name spile+acme@example.com",
    ),
    (
        "trust",
        "trust --account 111111111111 --external-id a=1:b,c/d+e@f.g_h-i",
    ),
];

const FORMS: [(&str, &str); 4] = [
    ("json", "json"),
    ("terraform", "tf"),
    ("cloudformation", "yaml"),
    ("cli", "sh"),
];

fn print_all(desk: &Desk) {
    for (name, flags) in DOCUMENTS {
        for (form, extension) in FORMS {
            desk.ok(&format!(
                "spile setup {flags} --as {form} > {name}.{extension}"
            ));
        }
    }
}

#[test]
fn all_forms_say_the_same() {
    let desk = Desk::with_python();
    print_all(&desk);
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cli/setup/same_policy.py"
    );
    let read = desk.ok(&format!("python '{script}' ."));
    assert_eq!(read.stdout, "5 documents are the same in 4 forms\n");
}

#[test]
fn cloudformation_passes_its_linter() {
    let desk = Desk::with_python();
    print_all(&desk);
    desk.ok("spile setup --bucket acme-landing --as cloudformation > setup.md");
    let page = desk.read("setup.md");
    let bucket = page.split("```yaml\n").nth(1).expect("a template");
    desk.write("bucket.yaml", bucket.split("```").next().expect("an end"));
    let linted = desk.ok("cfn-lint *.yaml");
    assert_eq!(linted.stdout, "", "{linted}");
    // It would say so if anything were wrong.
    desk.ok("sed -i 's/RoleName/RollName/' trust.yaml");
    let refused = desk.run("cfn-lint *.yaml");
    assert!(refused.stdout.contains("RollName"), "{refused}");
}
