//! The steps to a user with an access key.

use super::access_document::{AccessDocument, Holder};
use super::command::Command;
use super::config_file;
use super::form::Form;
use super::guide::Guide;
use super::page::Page;
use super::steps;
use crate::access::IamName;

pub(super) fn write(page: &mut Page, guide: &Guide, name: &IamName) {
    page.paragraph(
        "Spile will use the access key of a user in the account that owns the bucket. A key works for \
         whoever has it, until it is deleted: prefer a role (`--method role`) where Spile has \
         credentials of AWS already, and replace the key from time to time.",
    );
    steps::bucket(page, guide);
    user(page, guide, name);
    key(page, name);
    let auth = config_file::Auth::AccessKey;
    steps::configuration(page, guide, &auth);
    page.paragraph(
        "Put the id of the key in place of `AKIAEXAMPLE`, and the secret into the file, which only \
         Spile should be able to read (`chmod 600`). The environment does as well: leave \
         `[destination.auth]` out, and set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.",
    );
    steps::check(page);
}

fn user(page: &mut Page, guide: &Guide, name: &IamName) {
    let document = AccessDocument {
        grant: guide.grant.clone(),
        holder: Holder::User(name.clone()),
    };
    page.step("Create the user, and say what it may do");
    match guide.form {
        Form::Json => {
            page.paragraph(&format!(
                "In the IAM console, choose Users, Create user. Name it `{name}`, give it neither \
                 access to the console nor any permissions."
            ));
            steps::paste_access(page, &document);
        }
        form => steps::document(page, form, "user", &document.text(form)),
    }
    steps::explain_access(page, &document);
}

fn key(page: &mut Page, name: &IamName) {
    let command = Command::new("aws iam create-access-key").option("--user-name", name.as_str());
    page.step("Create its access key");
    page.paragraph(
        "In the IAM console, choose Security credentials, Create access key, on the page of the \
         user; or run:",
    );
    page.block("sh", &command.to_string());
    page.paragraph("The secret is shown this once.");
}
