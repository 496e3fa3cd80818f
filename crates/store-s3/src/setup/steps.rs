//! The steps that both methods have.

use super::access_document::AccessDocument;
use super::command::Command;
use super::config_file::{self, Auth};
use super::form::Form;
use super::guide::Guide;
use super::page::Page;
use super::{ACCESS_POLICY, bucket_document};
use crate::access::Action;

/// The bucket.
pub(super) fn bucket(page: &mut Page, guide: &Guide) {
    let bucket = guide.grant.scope.name();
    page.step("Create the bucket: private, and without ACLs");
    match bucket_document::text(bucket, guide.form) {
        Some(text) => {
            page.paragraph(&format!(
                "Skip this if the bucket `{bucket}` is there already, but look the two settings below \
                 up under its Permissions."
            ));
            document(page, guide.form, "bucket", &text);
            page.paragraph("It sees to two things:");
        }
        None => page.paragraph(&format!(
            "In the S3 console, create the bucket `{bucket}` in the region of those who will read \
             it. Leave two settings as the console suggests them; if the bucket is there already, \
             look them up under its Permissions:"
        )),
    }
    page.list([
        "Object Ownership is **ACLs disabled** (bucket owner enforced): every object belongs to the \
         owner of the bucket, whoever wrote it."
            .to_owned(),
        "**Block all public access** is on.".to_owned(),
    ]);
    page.paragraph(
        "A lifecycle rule that deletes incomplete multipart uploads removes what an interrupted run \
         may leave behind. Let it wait for longer than your longest run takes, such as 7 days.",
    );
}

/// What the actions are for, and what a key of KMS asks for.
pub(super) fn explain_access(page: &mut Page, document: &AccessDocument) {
    page.paragraph("This is all that Spile works under, and what it uses each action for:");
    let actions = document.grant.actions();
    page.list(actions.iter().map(|action| explained(*action)));
    if let Some(key) = &document.grant.kms_key {
        page.paragraph(&format!(
            "The key `{key}` has a policy too. The one that the KMS console makes lets policies like \
             this one decide; if yours doesn't, add `{}` to its key users.",
            document.holder.name()
        ));
    }
}

fn explained(action: Action) -> String {
    format!("`{action}`: {}", action.purpose())
}

/// How a JSON access policy is given to a role or a user in the console.
pub(super) fn paste_access(page: &mut Page, document: &AccessDocument) {
    page.paragraph(&format!(
        "Open `{}`, then Add permissions, Create inline policy, JSON. Paste this document, and name it \
         `{ACCESS_POLICY}`:",
        document.holder.name()
    ));
    page.block("json", &document.text(Form::Json));
}

/// What Spile is told.
pub(super) fn configuration(page: &mut Page, guide: &Guide, auth: &Auth<'_>) {
    page.step("Tell Spile");
    page.paragraph("Save this as `spile.toml` where Spile runs:");
    page.block("toml", &config_file::text(&guide.grant, auth));
    if let Some(region) = config_file::region(&guide.grant.scope) {
        page.paragraph(&format!(
            "Put the bucket's own region in place of `{region}` if it is in another."
        ));
    }
}

/// The proof.
pub(super) fn check(page: &mut Page) {
    page.step("Check");
    page.block("sh", "spile check --config spile.toml");
    page.paragraph(
        "It tries all of the above, and where something is missing it names the action and the \
         statement to add. It leaves nothing behind. Then load:",
    );
    page.block("sh", "spile load events.jsonl --config spile.toml");
}

/// A document with what is to be done with it, if it isn't pasted into the console.
pub(super) fn document(page: &mut Page, form: Form, name: &str, text: &str) {
    match form {
        Form::Json => page.paragraph("Paste this document:"),
        Form::Terraform => page.paragraph(&format!(
            "Save this as `{name}.tf`, in one folder with the other files, and run `terraform apply` \
             there:"
        )),
        Form::CloudFormation => page.paragraph(&format!("Save this as `{name}.yaml`:")),
        Form::Cli => page.paragraph("Run this with the AWS CLI:"),
    }
    page.block(form.language(), text);
    if form == Form::CloudFormation {
        let deploy = Command::new("aws cloudformation deploy")
            .option("--template-file", format!("{name}.yaml"))
            .option("--stack-name", format!("spile-{name}"))
            .option("--capabilities", "CAPABILITY_NAMED_IAM");
        page.paragraph("Then deploy it:");
        page.block("sh", &deploy.to_string());
    }
}
